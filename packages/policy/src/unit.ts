// What is kept alive in the slots of a group, and what happens to it.
import type { ExitCause } from "./exit-cause.ts";

/** Why a unit ended. `text` is the sentence that logs and `status` print. */
export interface Exit {
  readonly cause: ExitCause;
  readonly text: string;
  /** Where it stood that did not go on, if that could be told. */
  readonly stack?: ExitStack;
  /** What its drain did not wait out; left out when there was nothing. */
  readonly unfinished?: Unfinished;
}

/** What a unit was doing that did not go on. */
export interface ExitStack {
  /** Innermost first: `"parse (/srv/parse.ts:12:5)"`. */
  readonly frames: readonly string[];
  /** The coroutine that was running, with the connection's id first; undefined when it was none. */
  readonly running?: string | undefined;
}

/** What had not ended when a unit's time to drain was over. */
export interface Unfinished {
  /** How many connections; null when that is not known. */
  readonly connections: number | null;
  /** The first of them, and whatever else was under way. */
  readonly tasks: readonly UnfinishedTask[];
}

/** A coroutine that had not ended. */
export interface UnfinishedTask {
  /** Its id, such as `"p2.t1.c914"`; of a unit that did not answer, the unit's. */
  readonly task: string;
  /** Who is at the other end: `"127.0.0.1:4100"`. Null when that is not known. */
  readonly peer: string | null;
  /** For how long its connection had been served, in ms; null when it is none. */
  readonly ageMs: number | null;
  /** What it was waiting for; null when it was running. */
  readonly waitingOn: string | null;
  /** For how long, in ms. */
  readonly waitingMs: number;
  /** The line at which it stood; null when that is not known. */
  readonly at: string | null;
}

/** One incarnation of a unit. */
export interface Unit {
  /** Settles when it serves; rejects when it can't. */
  readonly ready: Promise<void>;
  /** Settles once, when it is gone. */
  readonly exited: Promise<Exit>;
  /** Ends it at once. @param why what its end is put down to; left out, that is known already */
  kill(why?: Exit): void;
}

export type UnitState = "starting" | "ready" | "stopping" | "backoff" | "failed" | "stopped";

/** One place for a unit. It keeps its id across restarts; `incarnation` counts them. */
export interface UnitSlot<U extends Unit> {
  /** The slot's id, for example `"p2"` or `"p2.t1"`. */
  readonly unit: string;
  readonly state: UnitState;
  readonly incarnation: number;
  /** When the running incarnation was started, in ms since the epoch. */
  readonly startedAt: number;
  /** The same on the clock of `performance.now()`: no change of the machine's clock makes it older. */
  readonly since: number;
  /** Why the incarnation before this one ended. */
  readonly lastExit: Exit | undefined;
  readonly running: U | undefined;
  /** What is to replace the running one; it serves beside it once it is ready. */
  readonly next: NextUnit<U> | undefined;
}

/** An incarnation that is to replace the running one. */
export interface NextUnit<U extends Unit> {
  readonly unit: U;
  readonly incarnation: number;
  readonly ready: boolean;
}

/** An incarnation that was replaced and goes on all the same. Its slot may be gone. */
export interface KeptUnit<U extends Unit> {
  /** The id of the slot that it is from. */
  readonly slot: string;
  readonly incarnation: number;
  readonly unit: U;
}

/** Starts an incarnation of a slot's unit. */
export type StartUnit<U extends Unit> = (unit: string, incarnation: number) => U;

export type UnitEvent =
  | { readonly type: "ready"; readonly unit: string; readonly incarnation: number }
  | { readonly type: "exited"; readonly unit: string; readonly incarnation: number; readonly exit: Exit }
  /** It was replaced and goes on beside its slot's running unit. */
  | { readonly type: "kept"; readonly unit: string; readonly incarnation: number }
  /** It will be started again. */
  | { readonly type: "backoff"; readonly unit: string; readonly delayMs: number; readonly attempt: number }
  /** Its end is final: the policy does not restart such an end. */
  | { readonly type: "left"; readonly unit: string }
  /** The policy gave up: every unit of the group is being ended, and the parent has to act. */
  | { readonly type: "gave-up"; readonly unit: string; readonly reason: string };
