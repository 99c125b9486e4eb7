// Splits the time of a stop over its steps, and says who needed more.
import type { Wait } from "./wait.ts";

/** How long each step of a stop may take, in ms. The next step begins earlier where nothing is left to wait for. */
export interface ShutdownBudget {
  /** Go on accepting, while load balancers take note. Default 0. */
  readonly preDrain: number;
  /** Accept nothing more; let what is in flight finish. Default 20 000. */
  readonly drain: number;
  /** Cancel what is left; let coroutines clean up. Default 5 000. */
  readonly cancel: number;
  /** Ask to exit; whatever is still there at the end is killed. Default 5 000. */
  readonly kill: number;
}

export const defaultShutdown: ShutdownBudget = { preDrain: 0, drain: 20_000, cancel: 5_000, kill: 5_000 };

/** The steps in their order. */
export const shutdownPhases = ["preDrain", "drain", "cancel", "kill"] as const;
export type ShutdownPhase = (typeof shutdownPhases)[number];

/** What a stop may take at most, in ms. */
export function shutdownTotal(budget: ShutdownBudget): number {
  return shutdownPhases.reduce((sum, phase) => sum + budget[phase], 0);
}

/**
 * A budget that takes `total` ms at most, such as the grace period of an orchestrator: after `preDrain`, two thirds to
 * drain, a sixth each to cancel and to exit.
 *
 * @example
 * ```ts
 * splitShutdown(30_000); // => { preDrain: 0, drain: 20000, cancel: 5000, kill: 5000 }
 * ```
 */
export function splitShutdown(total: number, preDrain = 0): ShutdownBudget {
  const first = Math.min(preDrain, total);
  const rest = total - first;
  const sixth = Math.floor(rest / 6);
  return { preDrain: first, drain: rest - 2 * sixth, cancel: sixth, kill: sixth };
}

/**
 * What is left of `budget` after `elapsed` ms: what a lower tier may take that is told late.
 *
 * @example
 * ```ts
 * remainingShutdown(defaultShutdown, 22_000); // => { preDrain: 0, drain: 0, cancel: 3000, kill: 5000 }
 * ```
 */
export function remainingShutdown(budget: ShutdownBudget, elapsed: number): ShutdownBudget {
  let spent = elapsed;
  const left = shutdownPhases.map((phase) => {
    const rest = Math.max(0, budget[phase] - spent);
    spent = Math.max(0, spent - budget[phase]);
    return rest;
  });
  const [preDrain = 0, drain = 0, cancel = 0, kill = 0] = left;
  return { preDrain, drain, cancel, kill };
}

export type ShutdownEvent =
  | { readonly type: "begin" }
  /** A unit has ended. */
  | { readonly type: "exited"; readonly unit: string }
  /** Asked again: what is left takes at most `hurry` ms, and nothing more is drained. */
  | { readonly type: "hurry" }
  | { readonly type: "tick" };

/** A unit that was still there when a step's time was over. */
export interface Overrun {
  readonly unit: string;
  readonly phase: ShutdownPhase;
}

export type ShutdownDecision =
  /** A step begins for these units; it ends at `until` at the latest. */
  | {
      readonly action: "enter";
      readonly phase: ShutdownPhase;
      readonly units: readonly string[];
      readonly until: number;
    }
  /** So much of the drain is over, and these units are still busy: say with what. */
  | { readonly action: "report"; readonly fraction: number; readonly units: readonly string[] }
  /** Time is up: end them now. */
  | { readonly action: "kill"; readonly units: readonly string[] }
  | Wait
  /** Every unit has ended. */
  | { readonly action: "done"; readonly overran: readonly Overrun[] };

/** When, as fractions of the drain, it is worth saying what holds it up. */
const reportAt = [0.5, 0.9] as const;

/**
 * One stop of a group of units, from the first signal to the last exit. It owns nothing and has no clock: report what
 * happened and when, and carry out what it answers, in order.
 *
 * @example
 * ```ts
 * const stop = new Shutdown(["p1"], defaultShutdown);
 * stop.decide({ type: "begin" }, 0);
 * // => [{ action: "enter", phase: "drain", units: ["p1"], until: 20000 }, { action: "wait", until: 10000 }]
 * stop.decide({ type: "exited", unit: "p1" }, 300); // => [{ action: "done", overran: [] }]
 * ```
 */
export class Shutdown {
  readonly #units: Set<string>;
  readonly #hurry: number;
  readonly #overran: Overrun[] = [];
  #budget: ShutdownBudget;
  #phase: ShutdownPhase | "idle" | "killed" | "done" = "idle";
  #since = 0;
  #reported = 0;

  /** @param options.hurry what is left after a second request, in ms; default 2 000 */
  constructor(units: readonly string[], budget: ShutdownBudget, options: { readonly hurry?: number } = {}) {
    this.#units = new Set(units);
    this.#budget = budget;
    this.#hurry = options.hurry ?? 2_000;
  }

  /** Which step is under way. */
  get phase(): ShutdownPhase | "idle" | "killed" | "done" {
    return this.#phase;
  }

  decide(event: ShutdownEvent, now: number): ShutdownDecision[] {
    if (this.#phase === "done") return [];
    const decisions: ShutdownDecision[] = [];
    if (event.type === "exited") this.#units.delete(event.unit);
    if (event.type === "begin" && this.#phase === "idle") this.#enter("preDrain", now, decisions);
    if (event.type === "hurry") this.#hurryUp(now, decisions);
    if (this.#phase !== "idle") this.#advance(now, decisions);
    return decisions;
  }

  #hurryUp(now: number, decisions: ShutdownDecision[]): void {
    if (!this.#isStep(this.#phase)) return;
    const half = Math.floor(this.#hurry / 2);
    const elapsed = now - this.#since;
    const { cancel, kill } = this.#budget;
    if (this.#phase === "kill") {
      this.#budget = { ...this.#budget, kill: Math.min(kill, elapsed + half) };
    } else if (this.#phase === "cancel") {
      this.#budget = { ...this.#budget, cancel: Math.min(cancel, elapsed + half), kill: Math.min(kill, half) };
    } else {
      this.#budget = { ...this.#budget, cancel: Math.min(cancel, half), kill: Math.min(kill, half) };
      this.#enter("cancel", now, decisions);
    }
  }

  #advance(now: number, decisions: ShutdownDecision[]): void {
    if (this.#units.size === 0) {
      this.#phase = "done";
      decisions.push({ action: "done", overran: this.#overran });
      return;
    }
    while (this.#isStep(this.#phase) && now >= this.#endOf(this.#phase)) {
      const phase = this.#phase;
      const end = this.#endOf(phase);
      if (phase !== "preDrain" && this.#budget[phase] > 0) {
        for (const unit of this.#units) this.#overran.push({ unit, phase });
      }
      const next = shutdownPhases[shutdownPhases.indexOf(phase) + 1];
      if (next) this.#enter(next, end, decisions);
      else {
        this.#phase = "killed";
        decisions.push({ action: "kill", units: [...this.#units] });
      }
    }
    if (!this.#isStep(this.#phase)) return;
    let until = this.#endOf(this.#phase);
    if (this.#phase === "drain") {
      for (const fraction of reportAt.slice(this.#reported)) {
        const at = this.#since + this.#budget.drain * fraction;
        if (now < at) {
          until = at;
          break;
        }
        this.#reported += 1;
        decisions.push({ action: "report", fraction, units: [...this.#units] });
      }
    }
    decisions.push({ action: "wait", until });
  }

  #enter(phase: ShutdownPhase, now: number, decisions: ShutdownDecision[]): void {
    this.#phase = phase;
    this.#since = now;
    // Say nothing of a wait that takes no time. The other steps do something, however short they are.
    if (phase === "preDrain" && this.#budget.preDrain === 0) return;
    decisions.push({ action: "enter", phase, units: [...this.#units], until: this.#endOf(phase) });
  }

  #endOf(phase: ShutdownPhase): number {
    return this.#since + this.#budget[phase];
  }

  #isStep(phase: ShutdownPhase | "idle" | "killed" | "done"): phase is ShutdownPhase {
    return phase !== "idle" && phase !== "killed" && phase !== "done";
  }
}
