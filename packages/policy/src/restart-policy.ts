// Decides, for one group of slots, whether a unit that ended is started again, when, or who answers for it instead.
//
// The argument, in order:
// 1. A restart stays on record until its slot has been healthy for `period` since. Time spent starting, or waiting in
//    backoff, is not health. So a unit that never becomes healthy is given up after `intensity` restarts however long
//    each attempt takes: backoff can slow a crash loop down, but can't hide it from the limit.
// 2. Health begins after the restart took place. So whatever happened in any window of `period` is still on record at
//    its end, and no window holds more than `intensity` restarts.
// 3. Where health is immediate and backoff is 0, rule 1 is the intensity rule of an OTP supervisor exactly.
// 4. Escalation is final. The parent that starts the group again does it with a new policy.
import { nextDelay, type RandomSource } from "./backoff.ts";
import { type ExitCause, isFailure, isRequested } from "./exit-cause.ts";
import type { RestartLimits } from "./restart-limits.ts";

/** What happened to a slot. A slot is known from its first event on. */
export type RestartEvent =
  /** Its unit was started, for the first time or again. */
  | { readonly type: "started"; readonly slot: string }
  /** Its unit is healthy: see {@link RestartLimits.healthyAfter}. */
  | { readonly type: "healthy"; readonly slot: string }
  /** Its unit is gone. `detail` is for people: an error's message, a signal's name. */
  | { readonly type: "exited"; readonly slot: string; readonly reason: ExitCause; readonly detail?: string }
  /** The slot is no longer wanted (scaled down): it is down, also where a restart was waiting. */
  | { readonly type: "removed"; readonly slot: string };

/** What the caller has to do now. */
export type RestartDecision =
  /** Start the slot's unit again after `delayMs`; `attempt` counts from 1 and falls back after lasting health. */
  | { readonly action: "restart"; readonly slot: string; readonly delayMs: number; readonly attempt: number }
  /** Stop the whole group and fail its parent. `reason` is one sentence for people. */
  | { readonly action: "escalate"; readonly slot: string; readonly reason: string; readonly restarts: number }
  /** Leave the slot down: its end was asked for, or its policy does not restart such an end. */
  | { readonly action: "leave"; readonly slot: string }
  | { readonly action: "none" };

/** `waiting` is between an exit and its restart, `down` is left down. */
type SlotState = "starting" | "healthy" | "waiting" | "down";

class Slot {
  state: SlotState = "starting";
  attempt = 0;
  previousDelay: number | undefined;
  /** Milliseconds of health so far, without the stretch that is running. */
  calm = 0;
  calmSince: number | undefined;

  calmAt(now: number): number {
    return this.calm + (this.calmSince === undefined ? 0 : now - this.calmSince);
  }
}

/** One restart on record: its slot's health at the time. */
interface Restart {
  readonly slot: Slot;
  readonly calm: number;
}

const NONE: RestartDecision = { action: "none" };

/**
 * The restart policy of one group: the threads of a process, the processes of a service, or a service itself.
 *
 * It owns nothing and has no clock: every event comes with the time it happened (`now`, milliseconds on any monotonic
 * clock, such as `performance.now()`), and the answer says what to do. The caller sets timers and starts units.
 *
 * @example
 * ```ts
 * const policy = new RestartPolicy(defaultRestart.thread, { random: () => 0.5 });
 * policy.decide({ type: "started", slot: "p1.t1" }, 0);
 * policy.decide({ type: "exited", slot: "p1.t1", reason: "crashed" }, 1_000);
 * // => { action: "restart", slot: "p1.t1", delayMs: 200, attempt: 1 }
 * ```
 */
export class RestartPolicy {
  /** A change holds from the next exit on. */
  limits: RestartLimits;
  readonly #random: RandomSource;
  readonly #slots = new Map<string, Slot>();
  #record: Restart[] = [];
  #escalated = false;

  /**
   * @param limits what the group is allowed
   * @param options.random jitter's source; default `Math.random`
   */
  constructor(limits: RestartLimits, options: { readonly random?: RandomSource } = {}) {
    this.limits = limits;
    this.#random = options.random ?? Math.random;
  }

  /** True once this policy has escalated; from then on every decision is `none`. */
  get escalated(): boolean {
    return this.#escalated;
  }

  /** Takes an event that happened at `now` and says what to do. A second `exited` of the same unit is ignored. */
  decide(event: RestartEvent, now: number): RestartDecision {
    if (this.#escalated) return NONE;
    const slot = this.#slot(event.slot);
    switch (event.type) {
      case "started":
        this.#enter(slot, "starting", now);
        return NONE;
      case "healthy":
        if (slot.state === "starting") this.#enter(slot, "healthy", now);
        return NONE;
      case "removed":
        if (slot.state !== "down") this.#enter(slot, "down", now);
        return NONE;
      case "exited":
        return this.#exited(event, slot, now);
    }
  }

  /** How many restarts are on record at `now`: the `3` of "3 of 5". */
  restarts(now: number): number {
    this.#forget(now);
    return this.#record.length;
  }

  #exited(event: Extract<RestartEvent, { type: "exited" }>, slot: Slot, now: number): RestartDecision {
    if (slot.state === "waiting" || slot.state === "down") return NONE;
    const { when, intensity, backoff } = this.limits;
    const healthyFor = slot.calmSince === undefined ? 0 : now - slot.calmSince;
    if (isRequested(event.reason) || when === "never" || (when === "on-failure" && !isFailure(event.reason))) {
      this.#enter(slot, "down", now);
      return { action: "leave", slot: event.slot };
    }
    this.#enter(slot, "waiting", now);
    this.#forget(now);
    if (this.#record.length >= intensity) {
      this.#escalated = true;
      return { action: "escalate", slot: event.slot, reason: this.#verdict(event), restarts: this.#record.length };
    }
    if (healthyFor >= backoff.resetAfter) {
      slot.attempt = 0;
      slot.previousDelay = undefined;
    }
    slot.attempt += 1;
    slot.previousDelay = nextDelay(backoff, slot.previousDelay, this.#random);
    this.#record.push({ slot, calm: slot.calm });
    return { action: "restart", slot: event.slot, delayMs: slot.previousDelay, attempt: slot.attempt };
  }

  #slot(id: string): Slot {
    let slot = this.#slots.get(id);
    if (!slot) {
      slot = new Slot();
      this.#slots.set(id, slot);
    }
    return slot;
  }

  #enter(slot: Slot, state: SlotState, now: number): void {
    slot.calm = slot.calmAt(now);
    // Let a slot that was stopped on purpose count as healthy; else its old restarts would stay on record for ever.
    slot.calmSince = state === "healthy" || state === "down" ? now : undefined;
    slot.state = state;
  }

  #forget(now: number): void {
    this.#record = this.#record.filter((restart) => restart.slot.calmAt(now) - restart.calm <= this.limits.period);
  }

  #verdict(event: Extract<RestartEvent, { type: "exited" }>): string {
    const { intensity, period } = this.limits;
    const last = event.detail ? `${event.reason}: ${event.detail}` : event.reason;
    return `restarted ${this.#record.length} times without ${period / 1000} s of health in between (allowed: ${intensity}); last, ${event.slot} ${last}`;
  }
}
