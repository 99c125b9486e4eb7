// Watches the threads of a group: reports one that blocks its event loop, with its stack, and ends one that hangs.

import { BeatWatch, type Finding, lookEvery, type WatchdogLimits } from "@plait/policy";
import { blockedStack } from "../inspect/blocked-stack.ts";
import type { BlockedStack } from "../inspect/read-stack.ts";
import type { ServingThread } from "../serving-thread.ts";
import { type RunningStep, StepWatch } from "./step-watch.ts";

/** How long a thread may take to show its stack, in ms. */
const CAPTURE_MS = 5_000;

export type WatchdogEvent =
  /** A thread has blocked its event loop for `ms`. `frames` is where, innermost first; empty when it could not be told. */
  | {
      readonly type: "blocked";
      readonly unit: string;
      readonly ms: number;
      readonly frames: readonly string[];
      /** The coroutine that was running, with the connection's id first: `"p1.t2.c7 > parse"`. */
      readonly running: string | undefined;
      /** The coroutine in whose step it was, from shared memory: also where the stack can't be read. */
      readonly step?: RunningStep | undefined;
    }
  /** It goes on, after `ms`. */
  | { readonly type: "recovered"; readonly unit: string; readonly ms: number };

interface Watched {
  readonly watch: BeatWatch;
  readonly steps: StepWatch;
  /** The report of the block that it is in. */
  report: Promise<BlockedStack | undefined> | undefined;
}

export interface WatchdogOptions {
  readonly limits: WatchdogLimits;
  /** The threads that serve or drain, whenever it looks. */
  readonly threads: () => Iterable<ServingThread>;
  readonly onEvent: (event: WatchdogEvent) => void;
  /** A thread that got no connections can take some again. */
  readonly onRoom: () => void;
}

/** Looks on a timer that does not keep the process alive, until `close`. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #watched = new WeakMap<ServingThread, Watched>();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    const { limits } = options;
    if (limits.report > 0 || limits.kill > 0) {
      this.#timer = setInterval(() => this.#look(performance.now()), lookEvery(limits)).unref();
    }
  }

  /** Whether a thread is blocked: it would leave a connection waiting. */
  blocked(thread: ServingThread): boolean {
    return this.#watched.get(thread)?.watch.blocked ?? false;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(now: number): void {
    for (const thread of this.#options.threads()) {
      // Whoever looks into it holds it up, and wants to see the end of that.
      if (thread.examined) continue;
      const watched = this.#watched.get(thread);
      if (watched) {
        watched.steps.look(now);
        const finding = watched.watch.look(thread.beats, now);
        if (finding) this.#found(thread, watched, finding, now);
      } else {
        this.#watched.set(thread, {
          watch: new BeatWatch(this.#options.limits, thread.beats, now),
          steps: new StepWatch(thread.progress),
          report: undefined,
        });
      }
    }
  }

  #found(thread: ServingThread, watched: Watched, { type, ms }: Finding, now: number): void {
    if (type === "blocked") {
      watched.report = this.#report(thread, ms, watched.steps.running(now));
    } else if (type === "recovered") {
      this.#options.onRoom();
      void this.#recovered(thread, ms, watched.report);
    } else {
      watched.report ??= this.#report(thread, ms, watched.steps.running(now));
      void this.#end(thread, ms, watched.report);
    }
  }

  async #report(thread: ServingThread, ms: number, step: RunningStep | undefined): Promise<BlockedStack | undefined> {
    const stack = await blockedStack(thread.threadId, CAPTURE_MS);
    const { frames = [], running } = stack ?? {};
    this.#options.onEvent({ type: "blocked", unit: thread.unit, ms: Math.round(ms), frames, running, step });
    return stack;
  }

  async #recovered(thread: ServingThread, ms: number, report: Watched["report"]): Promise<void> {
    await report;
    this.#options.onEvent({ type: "recovered", unit: thread.unit, ms: Math.round(ms) });
  }

  async #end(thread: ServingThread, ms: number, report: NonNullable<Watched["report"]>): Promise<void> {
    const stack = await report;
    const where = stack?.frames[0] ? ` in ${stack.frames[0]}` : "";
    const text = `blocked its event loop for ${Math.round(ms)} ms${where}`;
    thread.end({ cause: "hung", text, ...(stack && { stack }) });
  }
}
