// Splits the time of a stop over its steps.
import type { Wait } from "./wait.ts";

/** How long each step of a stop may take, in ms. The next step begins earlier where nothing is left to wait for. */
export interface ShutdownBudget {
  /** Accept nothing more; let what is in flight finish. Infinity: for as long as it takes. */
  readonly drain: number;
  /** Cancel what is left; let coroutines clean up. */
  readonly cancel: number;
  /** Exit; what is still there at the end is killed. */
  readonly kill: number;
}

/** What a deployment's stop may take: before it, it goes on accepting for `preDrain` ms, while load balancers take note. */
export interface StopTimes extends ShutdownBudget {
  readonly preDrain: number;
}

export const defaultShutdown: StopTimes = { preDrain: 0, drain: 20_000, cancel: 5_000, kill: 5_000 };

/** The steps in their order. */
export const shutdownPhases = ["drain", "cancel", "kill"] as const;
export type ShutdownPhase = (typeof shutdownPhases)[number];

/** What a stop may take at most, in ms. */
export function shutdownTotal({ preDrain, drain, cancel, kill }: StopTimes): number {
  return preDrain + drain + cancel + kill;
}

export type ShutdownEvent =
  | { readonly type: "begin" }
  /** Nothing is left to wait for. */
  | { readonly type: "drained" }
  /** Asked again: nothing more is drained. */
  | { readonly type: "hurry" }
  | { readonly type: "tick" };

export type ShutdownDecision =
  /** A step begins; it takes `ms` at most. */
  | { readonly action: "enter"; readonly phase: ShutdownPhase; readonly ms: number }
  /** Nothing is left to wait for: have it exit. */
  | { readonly action: "exit" }
  | Wait
  /** Time is up: end it now. */
  | { readonly action: "kill" };

/**
 * One stop of a unit. It owns nothing and has no clock: report what happened and when, and carry out what it answers, in
 * order, until the unit is gone. `shutDown` does.
 *
 * @example
 * ```ts
 * const stop = new Shutdown(defaultShutdown);
 * stop.decide({ type: "begin" }, 0);
 * // => [{ action: "enter", phase: "drain", ms: 20000 }, { action: "wait", until: 20000 }]
 * stop.decide({ type: "drained" }, 300);
 * // => [{ action: "enter", phase: "kill", ms: 5000 }, { action: "exit" }, { action: "wait", until: 5300 }]
 * ```
 */
export class Shutdown {
  readonly #hurry: number;
  #budget: ShutdownBudget;
  #phase: ShutdownPhase | "idle" | "killed" = "idle";
  #since = 0;

  /** @param hurry what is left after a second request at most, in ms; default 2 000, as in gunicorn's quick shutdown */
  constructor(budget: ShutdownBudget, hurry = 2_000) {
    this.#budget = budget;
    this.#hurry = hurry;
  }

  decide(event: ShutdownEvent, now: number): ShutdownDecision[] {
    const decisions: ShutdownDecision[] = [];
    if (event.type === "begin" && this.#phase === "idle") this.#enter("drain", now, decisions);
    if (event.type === "drained") {
      if (this.#phase === "drain" || this.#phase === "cancel") this.#enter("kill", now, decisions);
      // Also when it comes late.
      if (this.#phase === "kill") decisions.push({ action: "exit" });
    }
    if (event.type === "hurry") this.#hurryUp(now, decisions);
    this.#advance(now, decisions);
    return decisions;
  }

  #hurryUp(now: number, decisions: ShutdownDecision[]): void {
    const half = this.#hurry / 2;
    const elapsed = now - this.#since;
    const { cancel, kill } = this.#budget;
    if (this.#phase === "kill") {
      this.#budget = { ...this.#budget, kill: Math.min(kill, elapsed + half) };
    } else if (this.#phase === "cancel") {
      this.#budget = { ...this.#budget, cancel: Math.min(cancel, elapsed + half), kill: Math.min(kill, half) };
    } else if (this.#phase === "drain") {
      this.#budget = { ...this.#budget, cancel: Math.min(cancel, half), kill: Math.min(kill, half) };
      this.#enter("cancel", now, decisions);
    }
  }

  #advance(now: number, decisions: ShutdownDecision[]): void {
    for (;;) {
      const phase = this.#phase;
      if (phase === "idle" || phase === "killed") return;
      const until = this.#since + this.#budget[phase];
      if (now < until) return void decisions.push({ action: "wait", until });
      const next = shutdownPhases[shutdownPhases.indexOf(phase) + 1];
      if (next) this.#enter(next, until, decisions);
      else {
        this.#phase = "killed";
        decisions.push({ action: "kill" });
      }
    }
  }

  #enter(phase: ShutdownPhase, now: number, decisions: ShutdownDecision[]): void {
    this.#phase = phase;
    this.#since = now;
    decisions.push({ action: "enter", phase, ms: this.#budget[phase] });
  }
}
