// Every error the coroutine runtime throws, one class per failure.
import type { Scope } from "./scope.ts";
import type { Task } from "./task.ts";
import type { TaskInfo } from "./tasks.ts";

/**
 * Thrown into a task that is being cancelled, at its next wait and at every wait after that. Only ever thrown into the
 * task being cancelled; whoever joins that task sees {@link TaskCancelledError}.
 */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
  readonly code = "ERR_PLAIT_CANCELLED";
  /** What `cancel(reason)` was given. */
  readonly reason: unknown;
  /** Name of the task that asked for it, `undefined` when code outside every task did. */
  readonly by: string | undefined;
  /** The scope whose end or failure caused it, `undefined` when the task itself was cancelled. */
  readonly scope: Scope | undefined;

  constructor(reason?: unknown, by?: string, scope?: Scope) {
    super(`The task was cancelled${by === undefined ? "" : ` by ${by}`}${describeReason(reason)}.`, { cause: reason });
    this.reason = reason;
    this.by = by;
    this.scope = scope;
  }
}

/** Thrown to whoever joins a task that was cancelled. */
export class TaskCancelledError extends Error {
  override readonly name = "TaskCancelledError";
  readonly code = "ERR_PLAIT_TASK_CANCELLED";
  /** The task that was cancelled. */
  readonly task: Task;

  constructor(task: Task, cause: Cancelled) {
    super(
      `Task "${task.name}" (${task.id}) was cancelled${describeReason(cause.reason)}. Use settled() to see how a task ended without an error.`,
      { cause },
    );
    this.task = task;
  }
}

/** Thrown when a deadline passed first. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
  readonly code = "ERR_PLAIT_TIMEOUT";
  /** The time that was allowed, in milliseconds. */
  readonly ms: number;
  /** What was being waited for when it passed. */
  readonly waitingOn: string;

  constructor(ms: number, waitingOn: string, cause?: unknown) {
    super(
      `Nothing after ${ms} ms of waiting on ${waitingOn}. Allow more time, or find out why it is slow.`,
      cause === undefined ? undefined : { cause },
    );
    this.ms = ms;
    this.waitingOn = waitingOn;
  }
}

/** Thrown by operations on a channel that was closed. */
export class ChannelClosed extends Error {
  override readonly name = "ChannelClosed";
  readonly code = "ERR_PLAIT_CHANNEL_CLOSED";

  /** @param why if it was not simply closed */
  constructor(channel?: string, why?: string) {
    const what = why === undefined ? ". Iterate over it to end without an error" : `: ${why}`;
    super(`${channel === undefined ? "The channel" : `Channel "${channel}"`} is closed${what}.`);
  }
}

/** Thrown for an argument or an option that makes no sense. Its message says what to give instead. */
export class InvalidArgumentError extends RangeError {
  override readonly name = "InvalidArgumentError";
  readonly code = "ERR_PLAIT_INVALID_ARGUMENT";
}

/** Thrown into every task of the thread when none of them can ever go on. */
export class DeadlockError extends Error {
  override readonly name = "DeadlockError";
  readonly code = "ERR_PLAIT_DEADLOCK";
  /** Every task that waits. */
  readonly tasks: readonly TaskInfo[];
  /** Tasks that wait for each other in a circle, in order; `undefined` when there is no circle of locks or joins. */
  readonly cycle: readonly TaskInfo[] | undefined;

  constructor(tasks: readonly TaskInfo[], cycle: readonly TaskInfo[] | undefined, circle: string | undefined) {
    const waits = tasks.map((task) => `\n  ${task.name} (${task.id}) waits on ${task.waitingOn}`);
    super(
      `${tasks.length} tasks wait and nothing is left that could wake them:${waits.join("")}${circle === undefined ? "" : `\nThe circle: ${circle}.`}`,
    );
    this.tasks = tasks;
    this.cycle = cycle;
  }
}

/** Thrown by `spawn` on a scope that has ended. */
export class ScopeClosedError extends Error {
  override readonly name = "ScopeClosedError";
  readonly code = "ERR_PLAIT_SCOPE_CLOSED";

  constructor(name: string) {
    super(`Scope "${name}" has ended and owns no new tasks. Spawn into a scope that is still open.`);
  }
}

/** Thrown by `yield*` on an operation in a generator that no task runs. */
export class OutsideTaskError extends Error {
  override readonly name = "OutsideTaskError";
  readonly code = "ERR_PLAIT_OUTSIDE_TASK";

  constructor() {
    super("An operation was waited on with yield* in a generator that no task runs. Start it with run() or spawn().");
  }
}

function describeReason(reason: unknown): string {
  if (reason === undefined) return "";
  if (reason instanceof Error) return `: ${reason.message}`;
  return typeof reason === "string" ? `: ${reason}` : "";
}
