// Which task is running: the loop knows it for generators, the async context for async functions.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Coroutine } from "./coroutine.ts";
import { loop } from "./loop.ts";
import type { Task } from "./task.ts";

const asyncTasks = new AsyncLocalStorage<Coroutine>({ name: "plait.task" });

/** Runs a function so that it, and everything it awaits, sees `task` as the current one. */
export function runAs<R>(task: Coroutine, fn: () => R): R {
  return asyncTasks.run(task, fn);
}

/** The task whose code is executing, as the runtime knows it. */
export function currentTask(): Coroutine | undefined {
  return loop.running ?? asyncTasks.getStore();
}

/**
 * The task whose code is executing, `undefined` outside every task.
 *
 * @example
 * spawn(function* () { console.log(current()?.name); });
 */
export function current(): Task | undefined {
  return currentTask();
}

/**
 * Throws `Cancelled` if the current task is being cancelled. For loops that compute without waiting, and for async
 * functions between two foreign promises.
 */
export function checkCancelled(): void {
  const task = currentTask();
  if (task === undefined || task.cancelled === null) return;
  task.deliver();
  throw task.cancelled;
}
