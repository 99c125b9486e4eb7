// Which coroutine a thread is running, for whoever stops it in the middle. Costs nothing until it is asked.
import { current, tasks } from "@plait/coroutine";

/** Where the thread keeps the function that tells; evaluated in the stopped thread. */
const RUNNING = "@plait/thread what is running";

/** The expression that gives the running coroutine's name in a thread that called `tellRunning`. */
export const runningExpression: string = `globalThis[Symbol.for(${JSON.stringify(RUNNING)})]?.()`;

/** Makes this thread able to tell. */
export function tellRunning(): void {
  Reflect.set(globalThis, Symbol.for(RUNNING), describeRunning);
}

/**
 * The running coroutine and those that own it, outermost first: `"p1.t1.c3 > parse"`. The outermost of a connection is
 * named by the connection's id.
 */
function describeRunning(): string | undefined {
  const running = current();
  if (running === undefined) return undefined;
  const known = new Map(tasks().map((task) => [task.id, task]));
  const names: string[] = [];
  for (let task = known.get(running.id); task !== undefined; task = known.get(task.parent ?? 0)) {
    if (task.name) names.unshift(task.name);
  }
  return names.join(" > ") || running.name || undefined;
}
