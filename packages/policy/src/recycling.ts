// Decides when a healthy unit that asked to be replaced is: never all at once, never while the group is short of one.
import { type BackoffLimits, defaultBackoff, nextDelay, type RandomSource } from "./backoff.ts";
import type { Wait } from "./wait.ts";

/** Why a healthy unit should be replaced. */
export type RecycleReason = "memory" | "age" | "connections" | "operator";

export interface RecycleLimits {
  /** Replacements at the same time, each one unit above the number of slots for a while. Default 1. */
  readonly surge: number;
  /** Slots that may be without a healthy unit when a replacement begins. Default 0. */
  readonly unavailable: number;
  /** A unit is not replaced before it has been healthy this long, in ms; an operator is not made to wait. Default 60 000. */
  readonly minLifetime: number;
  /** The wait after a replacement that failed. */
  readonly backoff: BackoffLimits;
}

export const defaultRecycling: RecycleLimits = {
  surge: 1,
  unavailable: 0,
  minLifetime: 60_000,
  backoff: { ...defaultBackoff, initial: 1_000 },
};

export type RecycleEvent =
  /** The slot's unit is healthy: it serves, for the first time or again. */
  | { readonly type: "healthy"; readonly slot: string }
  /** The slot's unit is not: it starts, stops or died. */
  | { readonly type: "unhealthy"; readonly slot: string }
  /** The slot's unit asks to be replaced. */
  | { readonly type: "request"; readonly slot: string; readonly reason: RecycleReason }
  /** The replacement serves and the old unit is gone. */
  | { readonly type: "replaced"; readonly slot: string }
  /** The replacement did not become ready, or was given up; the old unit goes on. */
  | { readonly type: "failed"; readonly slot: string }
  /** The slot is no longer wanted. */
  | { readonly type: "removed"; readonly slot: string }
  /** Hold everything: a rollout or a stop is under way. */
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "tick" };

export type RecycleDecision =
  /** Start a new unit next to the slot's, and stop the old one once the new one is ready. */
  { readonly action: "recycle"; readonly slot: string; readonly reason: RecycleReason } | Wait;

class Slot {
  readonly id: string;
  healthySince: number | undefined;
  replacing = false;
  request: RecycleReason | undefined;
  previousDelay: number | undefined;
  notBefore = Number.NEGATIVE_INFINITY;

  constructor(id: string) {
    this.id = id;
  }
}

/**
 * Schedules the replacements of one group. Units ask, in the order in which they are served; the planner lets `surge` of
 * them be replaced at a time, new before old, and none while more than `unavailable` slots have no healthy unit.
 *
 * It owns nothing and has no clock: report what happened and when, and carry out what it answers.
 *
 * @example
 * ```ts
 * const planner = new RecyclePlanner(["p1", "p2"], { ...defaultRecycling, minLifetime: 0 });
 * planner.decide({ type: "healthy", slot: "p1" }, 0);
 * planner.decide({ type: "request", slot: "p1", reason: "memory" }, 5_000); // => []: p2 is not healthy yet
 * planner.decide({ type: "healthy", slot: "p2" }, 6_000);
 * // => [{ action: "recycle", slot: "p1", reason: "memory" }]
 * ```
 */
export class RecyclePlanner {
  readonly limits: RecycleLimits;
  readonly #random: RandomSource;
  readonly #slots = new Map<string, Slot>();
  /** Slots that asked, first come first served. */
  #queue: Slot[] = [];
  #paused = false;

  /** @param options.random jitter's source; default `Math.random` */
  constructor(
    slots: readonly string[],
    limits: RecycleLimits = defaultRecycling,
    options: { readonly random?: RandomSource } = {},
  ) {
    this.limits = limits;
    this.#random = options.random ?? Math.random;
    for (const id of slots) this.#slots.set(id, new Slot(id));
  }

  /** The slots that wait for their replacement, in order, and why. For status displays. */
  get waiting(): readonly { readonly slot: string; readonly reason: RecycleReason }[] {
    return this.#queue.flatMap(({ id, request }) => (request ? [{ slot: id, reason: request }] : []));
  }

  decide(event: RecycleEvent, now: number): RecycleDecision[] {
    if (event.type === "pause" || event.type === "resume") this.#paused = event.type === "pause";
    else if ("slot" in event) this.#take(event, now);
    return this.#next(now);
  }

  #take(event: Extract<RecycleEvent, { readonly slot: string }>, now: number): void {
    let slot = this.#slots.get(event.slot);
    if (!slot) {
      // Take a slot in when it is first heard of, but not when the last news of a removed one comes late.
      if (event.type !== "healthy" && event.type !== "unhealthy") return;
      slot = new Slot(event.slot);
      this.#slots.set(slot.id, slot);
    }
    switch (event.type) {
      case "healthy":
        slot.healthySince ??= now;
        break;
      case "unhealthy":
        slot.healthySince = undefined;
        // Forget what the unit asked for: whatever comes next in its slot is new.
        if (!slot.replacing) this.#withdraw(slot);
        break;
      case "request":
        if (!slot.replacing && slot.request === undefined) this.#queue.push(slot);
        if (!slot.replacing && (slot.request === undefined || event.reason === "operator")) slot.request = event.reason;
        break;
      case "replaced":
        Object.assign(slot, { replacing: false, healthySince: now, previousDelay: undefined });
        break;
      case "failed":
        if (!slot.replacing) break;
        slot.replacing = false;
        slot.previousDelay = nextDelay(this.limits.backoff, slot.previousDelay, this.#random);
        slot.notBefore = now + slot.previousDelay;
        break;
      case "removed":
        this.#withdraw(slot);
        this.#slots.delete(slot.id);
        break;
    }
  }

  #next(now: number): RecycleDecision[] {
    const { surge, unavailable } = this.limits;
    if (this.#paused) return [];
    const decisions: RecycleDecision[] = [];
    const slots = [...this.#slots.values()];
    const down = slots.filter((slot) => slot.healthySince === undefined).length;
    let free = down > unavailable ? 0 : surge - slots.filter((slot) => slot.replacing).length;
    let until = Number.POSITIVE_INFINITY;
    for (const slot of [...this.#queue]) {
      if (free <= 0) break;
      const at = this.#earliest(slot);
      if (at > now) {
        until = Math.min(until, at);
        continue;
      }
      const reason = slot.request;
      this.#withdraw(slot);
      if (reason === undefined || slot.healthySince === undefined) continue;
      slot.replacing = true;
      free -= 1;
      decisions.push({ action: "recycle", slot: slot.id, reason });
    }
    if (Number.isFinite(until)) decisions.push({ action: "wait", until });
    return decisions;
  }

  #earliest(slot: Slot): number {
    const oldEnough = slot.request === "operator" ? 0 : (slot.healthySince ?? 0) + this.limits.minLifetime;
    return Math.max(oldEnough, slot.notBefore);
  }

  #withdraw(slot: Slot): void {
    slot.request = undefined;
    this.#queue = this.#queue.filter((other) => other !== slot);
  }
}

/**
 * A limit of one unit, moved by up to `jitter` (a fraction) either way, so that units that started together do not reach
 * it together.
 *
 * @example
 * ```ts
 * spreadLimit(1_000_000, 0.1, () => 0.75); // => 1050000
 * ```
 */
export function spreadLimit(limit: number, jitter: number, random: RandomSource): number {
  return Math.round(limit * (1 + jitter * (2 * random() - 1)));
}
