// Decides the order of a reload: new units before old ones, a canary before all others, and what a failure leaves.
//
// The argument, in order:
// 1. `available` counts old units that serve and new ones that are ready. An old unit is stopped only where at least
//    `slots − unavailable` stay available without it. So no decision takes the service below its minimum; only units that
//    die by themselves do.
// 2. A unit is started only where `total`, which counts draining old units too, stays within `slots + surge`.
// 3. Until `canary` new units have been ready for `soak`, no old unit is stopped and no further new one is started.
// 4. A failure of any new unit ends the rollout. New units whose slot still has its old one are discarded; nothing else is
//    touched, so every slot that had a unit keeps one.
import type { Wait } from "./wait.ts";

/** How many units a rollout may add and miss, and how careful it begins. */
export interface RolloutLimits {
  /** New units that must prove themselves before any old one is touched, at most `surge`. Default 1. */
  readonly canary: number;
  /** How long a canary must stay up after it is ready, in ms. Default 5 000. */
  readonly soak: number;
  /** Units above the number of slots at any time, draining ones included. At least 1. Default 1. */
  readonly surge: number;
  /** Slots that may be without a serving unit. Default 0. */
  readonly unavailable: number;
}

export const defaultRollout: RolloutLimits = { canary: 1, soak: 5_000, surge: 1, unavailable: 0 };

/** What happened to the units of a slot during a rollout. */
export type RolloutEvent =
  /** Begins the rollout. */
  | { readonly type: "begin" }
  /** The slot's new unit is ready. */
  | { readonly type: "ready"; readonly slot: string }
  /** The slot's new unit did not become ready, or ended. */
  | { readonly type: "failed"; readonly slot: string; readonly reason: string }
  /** The slot's old unit is gone, stopped or by itself. */
  | { readonly type: "gone"; readonly slot: string }
  /** The slot's old unit serves again: the restart policy brought it back. */
  | { readonly type: "revived"; readonly slot: string }
  /** Give up: a stop was asked for, or another reload. */
  | { readonly type: "abort"; readonly reason: string }
  /** Nothing happened but time: the answer to `wait`. */
  | { readonly type: "tick" };

export type RolloutDecision =
  /** Start the slot's new unit next to the old one. */
  | { readonly action: "start"; readonly slot: string }
  /** Drain and stop the slot's old unit. */
  | { readonly action: "stop"; readonly slot: string }
  /** Stop the slot's new unit; the old one goes on. */
  | { readonly action: "discard"; readonly slot: string }
  | Wait
  | { readonly action: "done" }
  /** It ended early: `kept` slots belong to the old units, `replaced` ones to the new. */
  | {
      readonly action: "failed";
      readonly reason: string;
      readonly kept: readonly string[];
      readonly replaced: readonly string[];
    };

class Slot {
  readonly id: string;
  old: "serving" | "draining" | "gone" = "serving";
  fresh: "none" | "starting" | "ready" = "none";
  readyAt = 0;
  /** The rollout stopped its old unit: there is no way back. */
  moved = false;

  constructor(id: string) {
    this.id = id;
  }
}

/**
 * One rollout over the slots of a group. It owns nothing and has no clock: report what happened and when, and carry out
 * what it answers, in order.
 *
 * While it runs, the restart policy goes on reviving old units; a slot whose old unit is gone after the canary gets its
 * new one first.
 *
 * @example
 * ```ts
 * const rollout = new Rollout(["p1", "p2"], defaultRollout);
 * rollout.decide({ type: "begin" }, 0); // => [{ action: "start", slot: "p1" }]
 * rollout.decide({ type: "ready", slot: "p1" }, 800); // => [{ action: "wait", until: 5800 }]
 * rollout.decide({ type: "tick" }, 5800); // => [{ action: "stop", slot: "p1" }]
 * rollout.decide({ type: "gone", slot: "p1" }, 6100); // => [{ action: "start", slot: "p2" }]
 * ```
 */
export class Rollout {
  readonly limits: RolloutLimits;
  readonly #slots: readonly Slot[];
  #ended = false;

  /**
   * @param slots the slots to replace, in order; each has an old unit that serves
   * @throws {RangeError} if `surge` is below 1 or below `canary`, or a limit is negative: canaries start next to all old
   *   units, so there has to be room for them
   */
  constructor(slots: readonly string[], limits: RolloutLimits = defaultRollout) {
    const { canary, soak, surge, unavailable } = limits;
    if (surge < Math.max(1, canary) || canary < 0 || soak < 0 || unavailable < 0) {
      throw new RangeError("a rollout needs a surge of at least 1 and of at least its canaries, and no negative limit");
    }
    this.limits = limits;
    this.#slots = slots.map((id) => new Slot(id));
  }

  /** True after `done` or `failed`; from then on nothing is decided. */
  get ended(): boolean {
    return this.#ended;
  }

  decide(event: RolloutEvent, now: number): RolloutDecision[] {
    if (this.#ended) return [];
    if (event.type === "abort") return this.#fail(event.reason);
    const slot = "slot" in event ? this.#slots.find(({ id }) => id === event.slot) : undefined;
    if (slot) {
      switch (event.type) {
        case "ready":
          if (slot.fresh === "starting") [slot.fresh, slot.readyAt] = ["ready", now];
          break;
        case "failed":
          if (slot.fresh === "none") break;
          slot.fresh = "none";
          return this.#fail(`${slot.id}: ${event.reason}`);
        case "gone":
          slot.old = "gone";
          break;
        case "revived":
          if (slot.old === "gone" && !slot.moved) slot.old = "serving";
          break;
      }
    }
    return this.#next(now);
  }

  #next(now: number): RolloutDecision[] {
    const { limits } = this;
    const slots = this.#slots;
    const decisions: RolloutDecision[] = [];
    const passed = slots.filter((slot) => slot.fresh === "ready" && now - slot.readyAt >= limits.soak).length;
    const proven = passed >= Math.min(limits.canary, slots.length);
    const tried = slots.filter((slot) => slot.fresh !== "none").length;

    if (proven) {
      for (const slot of slots) {
        const replaceable = slot.fresh === "ready" || (slot.fresh === "starting" && limits.unavailable > 0);
        if (slot.old !== "serving" || !replaceable) continue;
        if (this.#available() - 1 < slots.length - limits.unavailable) continue;
        slot.old = "draining";
        slot.moved = true;
        decisions.push({ action: "stop", slot: slot.id });
      }
    }

    const room = slots.length + limits.surge - this.#total();
    const allowed = proven ? room : Math.min(room, limits.canary - tried);
    const next = slots.filter((slot) => slot.fresh === "none");
    // Take slots that lost their old unit first, but only once the new code has proven itself: before, the restart
    // policy brings the old one back.
    if (proven) next.sort((a, b) => Number(b.old === "gone") - Number(a.old === "gone"));
    for (const slot of next.slice(0, Math.max(0, allowed))) {
      slot.fresh = "starting";
      decisions.push({ action: "start", slot: slot.id });
    }

    if (slots.every((slot) => slot.fresh === "ready" && slot.old === "gone") && proven) {
      this.#ended = true;
      decisions.push({ action: "done" });
    } else if (!proven) {
      const soaking = slots.filter((slot) => slot.fresh === "ready").map((slot) => slot.readyAt + limits.soak);
      const until = Math.min(...soaking.filter((at) => at > now));
      if (Number.isFinite(until)) decisions.push({ action: "wait", until });
    }
    return decisions;
  }

  #fail(reason: string): RolloutDecision[] {
    this.#ended = true;
    const decisions: RolloutDecision[] = [];
    for (const slot of this.#slots) {
      if (slot.old !== "serving" || slot.fresh === "none") continue;
      slot.fresh = "none";
      decisions.push({ action: "discard", slot: slot.id });
    }
    const isKept = (slot: Slot): boolean => slot.fresh === "none" && !slot.moved;
    const kept = this.#slots.filter(isKept).map((slot) => slot.id);
    const replaced = this.#slots.filter((slot) => !isKept(slot)).map((slot) => slot.id);
    decisions.push({ action: "failed", reason, kept, replaced });
    return decisions;
  }

  #available(): number {
    return this.#slots.reduce((sum, slot) => {
      return sum + Number(slot.old === "serving") + Number(slot.fresh === "ready");
    }, 0);
  }

  #total(): number {
    return this.#slots.reduce((sum, slot) => sum + Number(slot.old !== "gone") + Number(slot.fresh !== "none"), 0);
  }
}
