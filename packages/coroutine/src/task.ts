// What a program sees of a running coroutine.
import type { Cancelled } from "./errors.ts";
import type { Op } from "./op.ts";

/** Where a task is in its life. `cancelling` lasts from the request until its cleanup has ended. */
export type TaskState = "ready" | "running" | "waiting" | "cancelling" | "done";

/** How a task ended. Every task ends in exactly one of these. */
export type Outcome<T> =
  | { status: "fulfilled"; value: T }
  | { status: "rejected"; reason: unknown }
  | { status: "cancelled"; reason: Cancelled };

/**
 * A running coroutine. It is owned by the scope it was spawned in, which ends only after it has; waiting on it (`yield*
 * task`, `await task`) gives its value, throws its error, or throws {@link TaskCancelledError}.
 */
export interface Task<T = unknown> extends Op<T> {
  /** Unique in this thread, counted from 1. */
  readonly id: number;
  readonly name: string;
  readonly state: TaskState;
  /** How it ended, `undefined` while it has not. */
  readonly outcome: Outcome<T> | undefined;
  /** Aborted when the task is cancelled, with the very `Cancelled` its waits throw. Created on first access. */
  readonly signal: AbortSignal;
  /**
   * Asks the task and everything it owns to end. The request is synchronous and sticky; waiting on the returned
   * operation waits until cleanup has ended, and never throws. Repeating it changes nothing.
   */
  cancel(reason?: unknown): Op<void>;
  /** The same as waiting on the task itself. */
  join(): Op<T>;
  /** Waits for the end of the task without throwing what it ended with. */
  settled(): Op<Outcome<T>>;
  /** Cancels the task and waits for its cleanup: `await using task = spawn(…)`. */
  [Symbol.asyncDispose](): PromiseLike<void>;
}
