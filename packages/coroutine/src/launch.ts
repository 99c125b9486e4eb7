// The one way a task comes to be.
import { Coroutine } from "./coroutine.ts";
import { watchForDeadlock } from "./deadlock.ts";
import { instruments } from "./instruments.ts";
import { loop } from "./loop.ts";
import type { Fn, Result } from "./op.ts";
import { recordSpawn, spawnsAreTraced } from "./spawn-trace.ts";
import type { TaskScope } from "./task-scope.ts";

export interface LaunchOptions {
  name?: string;
  priority?: number;
  daemon?: boolean;
  deadline?: number;
  signal?: AbortSignal;
  start?: "later" | "now";
}

/** Makes a task that runs `fn(...args)`, gives it to `owner`, and starts it. */
export function launch<F extends Fn>(
  owner: TaskScope,
  starter: Coroutine | undefined,
  options: LaunchOptions | undefined,
  fn: F,
  args: Parameters<F>,
): Coroutine<Result<F>> {
  const task = new Coroutine<Result<F>>(owner, options?.name ?? fn, starter);
  task.calls(fn, args);
  if (options !== undefined) {
    if (options.priority !== undefined) task.priority = options.priority;
    if (options.daemon !== undefined) task.daemon = options.daemon;
    if (options.deadline !== undefined) task.expireAfter(options.deadline);
    if (options.signal !== undefined) task.cancelOn(options.signal);
  }
  start(task, options?.start === "now");
  return task;
}

/** Gives a task to its owner, and lets it make its first step: now, or when its turn comes. */
export function start(task: Coroutine, now: boolean): void {
  watchForDeadlock();
  if (spawnsAreTraced()) recordSpawn(task);
  const started = task.owner.adopt(task);
  if (instruments.length > 0) for (const one of instruments) one.spawned?.(task);
  if (!started) return;
  if (now) {
    const outer = loop.starting;
    loop.starting = task;
    loop.stepNow(task);
    loop.starting = outer;
  } else {
    loop.push(task);
  }
}
