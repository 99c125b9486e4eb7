// The end of the road: the event loop is empty and tasks still wait for each other.
//
// Node emits `beforeExit` exactly when nothing of the host is pending any more. If tasks are parked then, and every one
// of them on something only another task could provide, none will ever go on. A wait on the host (`until`, `suspend`, a
// socket) is never counted: what it waits for may be unknown to Node but not to the program.
import { cycleFrom, describeCycle } from "./blame.ts";
import type { Coroutine } from "./coroutine.ts";
import { DeadlockError } from "./errors.ts";
import { loop } from "./loop.ts";
import { Mode } from "./mode.ts";
import { allTasks, infoOf, type TaskInfo } from "./tasks.ts";

let watching = false;

/** Starts watching; called when the first task is spawned. */
export function watchForDeadlock(): void {
  if (watching) return;
  watching = true;
  process.on("beforeExit", () => {
    // Ask for another turn: without one the process ends before it has seen what the error led to.
    if (breakDeadlock() !== undefined) setImmediate(() => {});
  });
}

/**
 * Ends every task the thread owns with `DeadlockError` if all of them wait for each other. Returns the error, or
 * `undefined` when somebody can still go on.
 */
export function breakDeadlock(): DeadlockError | undefined {
  if (!loop.idle || loop.timers.size > 0) return undefined;
  const waiting = allTasks().filter((task) => !task.daemon);
  if (waiting.length === 0 || !waiting.every(waitsInside)) return undefined;
  const error = deadlockOf(waiting);
  for (const task of waiting) if (task.owner.host === null) task.failWith(error);
  return error;
}

function waitsInside(task: Coroutine): boolean {
  if (task.mode === Mode.ended) return true;
  if (task.mode === Mode.parked) return task.op?.kind === "inside";
  const awaiters = task.extras?.awaiters;
  if (task.mode !== Mode.promise || awaiters === undefined || awaiters.size === 0) return false;
  return [...awaiters].every((awaiter) => awaiter.op?.kind === "inside");
}

function deadlockOf(waiting: readonly Coroutine[]): DeadlockError {
  let cycle: Coroutine[] | undefined;
  for (const task of waiting) cycle ??= cycleFrom(task);
  const infos = new Map<Coroutine, TaskInfo>(waiting.map((task) => [task, infoOf(task)]));
  const inCycle = cycle?.map((task) => infos.get(task) ?? infoOf(task));
  return new DeadlockError([...infos.values()], inCycle, cycle === undefined ? undefined : describeCycle(cycle));
}
