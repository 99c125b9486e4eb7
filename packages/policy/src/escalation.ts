// The restart policies of all tiers as one: a unit that is restarted too often fails its parent, up to the exit code.
import type { RandomSource } from "./backoff.ts";
import type { ExitCause } from "./exit-cause.ts";
import { exitCodes } from "./exit-code.ts";
import { groupLimits, type RestartLimits } from "./restart-limits.ts";
import { type RestartEvent, RestartPolicy } from "./restart-policy.ts";

/** One group of units and, below each of them, the next group. The root's units are services. */
export interface EscalationTier {
  /** What each unit is allowed. */
  readonly limits: RestartLimits;
  /** How many units a group of this tier has. */
  readonly slots: number;
}

export type EscalationDecision =
  /** Start the unit again, with everything below it, after `delayMs`. */
  | { readonly action: "restart"; readonly unit: string; readonly delayMs: number; readonly attempt: number }
  /** The unit's children were restarted too often: end what is left of it. What follows says what becomes of it. */
  | { readonly action: "fail"; readonly unit: string; readonly reason: string }
  /** Leave the unit down. */
  | { readonly action: "leave"; readonly unit: string }
  /** The last tier gave up: end everything and exit. */
  | { readonly action: "exit"; readonly code: number; readonly reason: string };

/**
 * The whole chain, coroutine → thread → process → service → exit code, or any part of it. A unit's id tells where it
 * stands: `echo` is a service, `echo.p2` one of its processes, `echo.p2.t1` one of that one's threads.
 *
 * It owns nothing and has no clock. A supervisor that spreads its policies over processes does not need it: each of them
 * asks its own {@link RestartPolicy}. It is the same chain in one place, for simulations and for `supervisor check`.
 *
 * @example
 * ```ts
 * const chain = new Escalation([{ limits: defaultRestart.service, slots: 1 }, { limits: defaultRestart.process, slots: 2 }]);
 * chain.decide({ type: "started", slot: "echo" }, 0);
 * chain.decide({ type: "exited", slot: "echo.p1", reason: "crashed" }, 10);
 * // => [{ action: "restart", unit: "echo.p1", delayMs: …, attempt: 1 }]
 * ```
 */
export class Escalation {
  readonly #tiers: readonly EscalationTier[];
  readonly #random: RandomSource;
  /** By the parent's id; the services' own group is under "". */
  readonly #groups = new Map<string, RestartPolicy>();

  /** @param tiers from services down; as many as an id has parts */
  constructor(tiers: readonly EscalationTier[], options: { readonly random?: RandomSource } = {}) {
    this.#tiers = tiers;
    this.#random = options.random ?? Math.random;
  }

  decide(event: RestartEvent, now: number): EscalationDecision[] {
    const unit = event.slot;
    if (event.type === "started") this.#forgetBelow(unit);
    const decision = this.#groupOf(unit).decide(event, now);
    switch (decision.action) {
      case "none":
        return [];
      case "leave":
        return [{ action: "leave", unit }];
      case "restart":
        return [{ action: "restart", unit, delayMs: decision.delayMs, attempt: decision.attempt }];
      case "escalate": {
        const parent = parentOf(unit);
        if (parent === "") return [{ action: "exit", code: exitCodes.gaveUp, reason: decision.reason }];
        const { reason } = decision;
        const cause: ExitCause = "escalated";
        return [
          { action: "fail", unit: parent, reason },
          ...this.decide({ type: "exited", slot: parent, reason: cause, detail: reason }, now),
        ];
      }
    }
  }

  #groupOf(unit: string): RestartPolicy {
    const parent = parentOf(unit);
    let policy = this.#groups.get(parent);
    if (!policy) {
      const tier = this.#tiers[parent === "" ? 0 : parent.split(".").length];
      if (!tier) throw new RangeError(`${unit} is below the last of ${this.#tiers.length} tiers`);
      policy = new RestartPolicy(groupLimits(tier.limits, tier.slots), { random: this.#random });
      this.#groups.set(parent, policy);
    }
    return policy;
  }

  /** What starts is new, and so is everything below it. */
  #forgetBelow(unit: string): void {
    for (const parent of this.#groups.keys()) {
      if (parent === unit || parent.startsWith(`${unit}.`)) this.#groups.delete(parent);
    }
  }
}

function parentOf(unit: string): string {
  return unit.slice(0, Math.max(0, unit.lastIndexOf(".")));
}
