// Starting tasks inside the task that is running.
import { currentTask } from "./current.ts";
import { launch } from "./launch.ts";
import type { Fn, Result } from "./op.ts";
import { root } from "./root.ts";
import type { Task } from "./task.ts";

export interface SpawnOptions {
  /** Shown by `dump()` and in errors. Default: the function's name. */
  name?: string;
  /**
   * 0 is the most urgent, 3 the least; a busy loop gives them 8, 4, 2 and 1 of fifteen steps. Default: that of
   * the task that spawns it, 1 outside every task.
   */
  priority?: 0 | 1 | 2 | 3;
  /** Cancelled, not waited for, once only daemons are left in its scope. Default: false. */
  daemon?: boolean;
  /** Milliseconds after which the task is cancelled and ends with `TimeoutError`. Default: none. */
  deadline?: number;
  /** Cancels the task when it is aborted. Default: none. */
  signal?: AbortSignal;
  /** `now` runs the task up to its first wait before `spawnWith` returns. Default: `later`. */
  start?: "later" | "now";
}

/**
 * Starts a task. The running task owns it, and ends only after it has; outside every task the thread does.
 *
 * An error in it reaches whoever joins it. If nobody is joining it, the owner's other tasks are cancelled and the owner
 * fails with that error.
 *
 * @example
 * const task = spawn(function* (name: string) { yield* sleep(10); return `hello ${name}`; }, "world");
 * console.log(yield* task);
 */
export function spawn<F extends Fn>(fn: F, ...args: Parameters<F>): Task<Result<F>> {
  const starter = currentTask();
  return launch(starter?.ensureScope() ?? root, starter, undefined, fn, args);
}

/** Starts a task as {@link spawn} does, with options. */
export function spawnWith<F extends Fn>(options: SpawnOptions, fn: F, ...args: Parameters<F>): Task<Result<F>> {
  const starter = currentTask();
  return launch(starter?.ensureScope() ?? root, starter, options, fn, args);
}
