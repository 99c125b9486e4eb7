// Carries out a rollout on a slot group: new units beside the old ones, in the order that `Rollout` decides.
import { Rollout, type RolloutDecision, type RolloutEvent, type RolloutLimits } from "./rollout.ts";
import type { SlotGroup } from "./slot-group.ts";
import type { StartUnit, Unit, UnitEvent } from "./unit.ts";

export interface RollOptions<U extends Unit> {
  /** The slots to replace, in order. */
  readonly units: readonly string[];
  readonly limits: RolloutLimits;
  /** Starts a new unit; a slot that got one restarts that way from then on. */
  readonly start: StartUnit<U>;
  /** Ends a unit in its own way; settles when it is gone, or the group keeps it. */
  readonly end: (unit: U) => Promise<unknown>;
  /** Gives up when it aborts; its reason is the rollout's. */
  readonly signal: AbortSignal;
}

/** How a rollout ended. `kept` slots belong to the old units, `replaced` ones to the new. */
export type RollResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly kept: readonly string[];
      readonly replaced: readonly string[];
    };

/**
 * Replaces the units of a group, new before old, and resolves when it is over and every unit that it ended is gone. Any
 * failure of a new unit ends it, and leaves each slot with the unit that it had. It goes on when the policy gives the old
 * units up: success revives the group, and after a failure that is left to the caller.
 *
 * @throws {RangeError} when the limits contradict each other
 */
export async function roll<U extends Unit>(group: SlotGroup<U>, options: RollOptions<U>): Promise<RollResult> {
  const { units, limits, start, end, signal } = options;
  const rollout = new Rollout(units, limits);
  const fresh = new Map<string, number>();
  const ending: Promise<void>[] = [];
  const over = Promise.withResolvers<RollResult>();
  let timer: NodeJS.Timeout | undefined;

  const carryOut = (decision: RolloutDecision): void => {
    if (decision.action === "start") {
      fresh.set(decision.slot, group.startNext(decision.slot, start).incarnation);
    } else if (decision.action === "stop") {
      ending.push(group.promote(decision.slot, end));
    } else if (decision.action === "discard") {
      fresh.delete(decision.slot);
      ending.push(group.discard(decision.slot, end));
    } else if (decision.action === "wait") {
      timer = setTimeout(() => report({ type: "tick" }), Math.max(0, decision.until - performance.now()));
    } else {
      // A slot that lost its old unit in the meantime keeps the new one.
      for (const unit of fresh.keys()) ending.push(group.promote(unit, end));
      const { action, ...outcome } = decision;
      over.resolve("reason" in outcome ? { ok: false, ...outcome } : { ok: true });
    }
  };
  const report = (event: RolloutEvent): void => {
    clearTimeout(timer);
    for (const decision of rollout.decide(event, performance.now())) carryOut(decision);
  };
  const onEvent = (event: UnitEvent): void => {
    const slot = event.unit;
    if (!units.includes(slot)) return;
    if (event.type === "ready") report({ type: fresh.get(slot) === event.incarnation ? "ready" : "revived", slot });
    // What is kept is no longer the slot's: for the rollout it is gone.
    if (event.type === "kept") report({ type: "gone", slot });
    if (event.type !== "exited") return;
    if (fresh.get(slot) === event.incarnation) report({ type: "failed", slot, reason: event.exit.text });
    else report({ type: "gone", slot });
  };
  const onAbort = (): void => report({ type: "abort", reason: String(signal.reason) });

  const unwatch = group.watch(onEvent);
  signal.addEventListener("abort", onAbort);
  try {
    if (signal.aborted) onAbort();
    report({ type: "begin" });
    for (const { unit, state } of group.slots) if (state !== "ready") report({ type: "gone", slot: unit });
    const result = await over.promise;
    await Promise.all(ending);
    // Where the policy had given the old ones up, the new ones have healed the group.
    if (result.ok) await group.revive();
    return result;
  } finally {
    clearTimeout(timer);
    unwatch();
    signal.removeEventListener("abort", onAbort);
  }
}
