// What can go wrong with an offloaded call, one class per failure. What the task itself throws arrives as it was.
import type { TaskAddress } from "./task.ts";

/** As many calls as the compute pool lets wait are waiting already. */
export class OffloadQueueFullError extends Error {
  override readonly name = "OffloadQueueFullError";
  readonly code = "ERR_PLAIT_OFFLOAD_QUEUE_FULL";

  constructor(task: TaskAddress, threads: number, queue: number) {
    super(
      `${task.name} was not offloaded: ${threads} compute threads are busy and ${queue} calls wait. ` +
        "Offload less at once (see offload.pressure), or enlarge the pool.",
    );
  }
}

/** A call took longer than its `timeout`; its compute thread was ended. */
export class OffloadTimeoutError extends Error {
  override readonly name = "OffloadTimeoutError";
  readonly code = "ERR_PLAIT_OFFLOAD_TIMEOUT";

  constructor(task: TaskAddress, ms: number) {
    super(`${task.name} did not end within ${ms} ms, its time in the queue included`);
  }
}

/** The thread that ran a call ended before it answered (out of heap, `process.exit`, an error that nothing caught), or the pool was closed. */
export class OffloadLostError extends Error {
  override readonly name = "OffloadLostError";
  readonly code = "ERR_PLAIT_OFFLOAD_LOST";

  constructor(task: TaskAddress, why: string, options?: ErrorOptions) {
    super(`${task.name} will not answer: ${why}`, options);
  }
}

/** A call's arguments, or its result, can't cross to another thread. */
export class OffloadCloneError extends Error {
  override readonly name = "OffloadCloneError";
  readonly code = "ERR_PLAIT_OFFLOAD_CLONE";

  constructor(what: "arguments" | "result", task: TaskAddress, cause: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    super(`the ${what} of ${task.name} can't cross to another thread; pass plain data${why}`, { cause });
  }
}

/** What was to be offloaded is no task. */
export class NotATaskError extends Error {
  override readonly name = "NotATaskError";
  readonly code = "ERR_PLAIT_OFFLOAD_NOT_A_TASK";

  constructor(what: unknown) {
    const given = typeof what === "function" ? "a function" : what === null ? "null" : `of type ${typeof what}`;
    super(`offload runs what defineTask returned, exported by its module; what it was given is ${given} and no task`);
  }
}

/** The module of a task can't be loaded where the task is to run. */
export class TaskLoadError extends Error {
  override readonly name = "TaskLoadError";
  readonly code = "ERR_PLAIT_OFFLOAD_TASK_LOAD";

  constructor({ module, name }: TaskAddress, cause: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    super(`the module of task "${name}", ${module}, can't be loaded on a compute thread${why}`, { cause });
  }
}

/** The module of a task does not export it. */
export class UnknownTaskError extends Error {
  override readonly name = "UnknownTaskError";
  readonly code = "ERR_PLAIT_OFFLOAD_UNKNOWN_TASK";

  constructor(task: TaskAddress) {
    super(`${task.module} exports no task "${task.name}": export what defineTask returned by the name it was given`);
  }
}
