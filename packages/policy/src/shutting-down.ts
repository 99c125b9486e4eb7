// Carries out the stop of a unit, with real timers, in the steps that `Shutdown` decides.
import { Shutdown, type ShutdownBudget, type ShutdownEvent } from "./shutdown.ts";

/** What a unit does in each step of its stop. */
export interface ShutdownSteps {
  /** Accept nothing more; settles when nothing is left to wait for, however that came about. */
  drain(): Promise<unknown>;
  /** Cancel what is left, within so many ms: `drain` settles soon. */
  cancel(ms: number): void;
  /** Time to cancel is over, and something is left; `kill` follows unless `drain` settles. */
  overdue?(): void;
  /** Exit: nothing is left. */
  exit?(): void;
  /** End it at once. */
  kill(): void;
  /** Settles when the unit is gone. */
  readonly ended: Promise<unknown>;
}

export interface ShutDownOptions {
  readonly budget: ShutdownBudget;
  /** When it aborts, nothing more is drained. */
  readonly hurry: AbortSignal;
  /** What is left then, in ms; see {@link Shutdown}. */
  readonly hurried?: number;
}

/** Drains a unit, cancels what is left, lets it exit, and kills it when its time is over. Resolves when it is gone. */
export async function shutDown(steps: ShutdownSteps, { budget, hurry, hurried }: ShutDownOptions): Promise<void> {
  const shutdown = new Shutdown(budget, hurried);
  let timer: NodeJS.Timeout | undefined;
  const report = (event: ShutdownEvent): void => {
    clearTimeout(timer);
    const now = performance.now();
    for (const decision of shutdown.decide(event, now)) {
      if (decision.action === "wait") {
        const left = Math.min(decision.until - now, LONGEST_TIMER);
        timer = setTimeout(report, left, { type: "tick" });
      } else if (decision.action === "kill") {
        steps.kill();
      } else if (decision.action === "exit") {
        steps.exit?.();
      } else if (decision.phase === "drain") {
        void steps.drain().then(onDrained, onDrained);
      } else if (decision.phase === "cancel") {
        steps.cancel(decision.ms);
      } else if (event.type !== "drained") {
        steps.overdue?.();
      }
    }
  };
  const onDrained = (): void => report({ type: "drained" });
  const onHurry = (): void => report({ type: "hurry" });
  report({ type: "begin" });
  if (hurry.aborted) onHurry();
  hurry.addEventListener("abort", onHurry);
  try {
    await steps.ended;
  } finally {
    clearTimeout(timer);
    hurry.removeEventListener("abort", onHurry);
  }
}

/** Node's timers count no further, in ms. */
const LONGEST_TIMER = 2 ** 31 - 1;
