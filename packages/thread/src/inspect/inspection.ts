// Looks into one serving thread, from the main thread, one way at a time.
import { setTimeout as sleep } from "node:timers/promises";
import type { TaskInfo } from "@plait/coroutine";
import type { Exit } from "@plait/policy";
import type { ControlPort } from "../control-port.ts";
import { ThreadCallTimeoutError, ThreadExitedError } from "../errors.ts";
import type { ThreadWorker } from "../thread-worker.ts";
import { atMost } from "../time-limit.ts";
import { type Beat, beats } from "../watchdog/beat.ts";
import { blockedStack } from "./blocked-stack.ts";
import type { BlockedStack } from "./read-stack.ts";
import { type Recording, recordWorker } from "./recording.ts";

/** What a thread is doing. */
export interface ThreadDump {
  readonly unit: string;
  readonly incarnation: number;
  /** Its coroutines, owners before what they own; null when it did not tell. */
  readonly tasks: readonly TaskInfo[] | null;
  /** Where it is stuck; null when it is not, or waits in native code. */
  readonly blocked: BlockedStack | null;
}

/** The thread that is looked into. */
export interface Inspected {
  readonly unit: string;
  readonly incarnation: number;
  readonly worker: ThreadWorker;
  readonly beat: Beat;
  readonly control: ControlPort;
  readonly exited: Promise<Exit>;
}

/** A thread that does not beat for this long, in ms, may be stuck; at least four beats. */
const BEAT_MS = 500;
/** How long one that is stuck may take to show its stack, in ms. */
const CAPTURE_MS = 3_000;
/** How long what was recorded of one that ended may take to be removed, in ms. */
const REMOVE_MS = 1_000;
/** How long one that is not may take to list its coroutines, in ms. */
const TELL_MS = 10_000;

/** Owns nothing. */
export class Inspection {
  readonly #thread: Inspected;
  /** How many wait for it to find out where its coroutines stand. */
  #telling = 0;
  #recording = 0;

  constructor(thread: Inspected) {
    this.#thread = thread;
  }

  /** Whether somebody looks into it just now: its event loop may stand still for that, and it must not be stopped. */
  get underWay(): boolean {
    return this.#telling + this.#recording > 0;
  }

  /** From now on the thread looks into itself, for as long as it lives: nobody may stop it any more. */
  leaveAlone(): void {
    this.#telling++;
  }

  /** Where it is stuck; undefined when its event loop turns, or it can't be told. */
  async blocked(): Promise<BlockedStack | undefined> {
    const { beat, worker } = this.#thread;
    // Stop a thread or ask it, but not both: to tell where its coroutines stand it uses its own inspector, and one that
    // is stopped in the middle of that may never go on.
    if ((await beatsWithin(beat, Math.max(BEAT_MS, beat.every * 4))) || this.#telling > 0) return undefined;
    return blockedStack(worker.threadId, CAPTURE_MS);
  }

  /** @throws {ThreadExitedError} when the thread ends first */
  async dump(locals: boolean): Promise<ThreadDump> {
    const { unit, incarnation, control } = this.#thread;
    const blocked = await this.blocked();
    if (blocked) return { unit, incarnation, tasks: null, blocked };
    this.#telling++;
    try {
      return { unit, incarnation, tasks: await control.call("tasks", [locals], TELL_MS), blocked: null };
    } catch (error) {
      if (error instanceof ThreadCallTimeoutError) return { unit, incarnation, tasks: null, blocked: null };
      throw error;
    } finally {
      this.#telling--;
    }
  }

  /** @throws {ThreadExitedError} when the thread ends first */
  async record(recording: Recording, file: string): Promise<void> {
    const { unit, worker, exited } = this.#thread;
    const ended = new AbortController();
    const recorded = recordWorker(worker.worker, recording, file, ended.signal).catch(async (error: unknown) => {
      const { code } = error as { readonly code?: unknown };
      const isGone = ended.signal.aborted || code === "ERR_WORKER_NOT_RUNNING";
      throw isGone ? new ThreadExitedError(unit, await exited) : error;
    });
    const gone = exited.then(async (exit) => {
      ended.abort();
      // For the file to be removed; a recording that does not notice its thread's end is not waited for.
      await atMost(
        REMOVE_MS,
        recorded.catch(() => {}),
      );
      throw new ThreadExitedError(unit, exit);
    });
    this.#recording++;
    try {
      await Promise.race([recorded, gone]);
    } finally {
      this.#recording--;
    }
  }
}

async function beatsWithin(beat: Beat, ms: number): Promise<boolean> {
  const before = beats(beat);
  const until = performance.now() + ms;
  while (beats(beat) === before && performance.now() < until) await sleep(beat.every / 2);
  return beats(beat) !== before;
}
