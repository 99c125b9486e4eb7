// What there is to know about every task of the thread.
import type { Coroutine } from "./coroutine.ts";
import { inspectGenerators, type Suspension } from "./inspector.ts";
import { loop } from "./loop.ts";
import { Mode } from "./mode.ts";
import { root } from "./root.ts";
import type { TaskState } from "./task.ts";

export interface TaskInfo {
  id: number;
  name: string;
  state: TaskState;
  /** Id of the task that owns it, `undefined` when the thread does. */
  parent: number | undefined;
  daemon: boolean;
  /** "recv on channel orders", `undefined` when it does not wait. */
  waitingOn: string | undefined;
  /** For how long, in milliseconds, as exact as a time slice. 0 when it does not wait. */
  waitingMs: number;
  /** The line a generator is suspended at; empty unless `locations` was asked for. */
  at: string[];
  /** The line that spawned it, while `traceSpawns()` is on. */
  spawnedAt: string | undefined;
  /** Time in its steps, in milliseconds, while an instrument was in place. */
  cpuMs: number;
  /** Steps it has made. */
  resumes: number;
  /** Its variables, when `locals` was asked for. May hold secrets. */
  locals?: Record<string, string>;
}

export interface TasksOptions {
  /** Finds the line each generator is suspended at. Default: false for `tasks()`, true for `dump()`. */
  locations?: boolean;
  /** Reads the variables of each suspended generator as well. Default: false. */
  locals?: boolean;
}

/**
 * Every task of this thread that has not ended, parents before their children, oldest first.
 *
 * @example
 * for (const { name, state, waitingOn } of tasks()) console.log(name, state, waitingOn);
 */
export function tasks(options: TasksOptions = {}): TaskInfo[] {
  const found = allTasks();
  const suspensions = inspect(found, options);
  return found.map((task, index) => describe(task, suspensions[index], options));
}

/** One task's information. */
export function infoOf(task: Coroutine, options: TasksOptions = {}): TaskInfo {
  const [suspension] = inspect([task], options);
  return describe(task, suspension, options);
}

/** Every task that has not ended, in the order {@link tasks} promises. */
export function allTasks(): Coroutine[] {
  const found: Coroutine[] = [];
  const stack: Coroutine[] = [];
  // `older` leads from the newest to the oldest, so the oldest comes off the stack first.
  for (let task = root.newest; task !== null; task = task.older) stack.push(task);
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    if (task.mode !== Mode.done) found.push(task);
    for (let child = task.scope?.newest ?? null; child !== null; child = child.older) stack.push(child);
  }
  return found;
}

function inspect(found: readonly Coroutine[], options: TasksOptions): (Suspension | undefined)[] {
  if (!options.locations && !options.locals) return [];
  // An array keeps each answer at its task's index; a task without a generator has nothing to look into.
  return inspectGenerators(
    found.map((task) => task.body ?? {}),
    options.locals ?? false,
  );
}

function describe(task: Coroutine, suspension: Suspension | undefined, options: TasksOptions): TaskInfo {
  const waitingOn = task.waitingOn();
  const info: TaskInfo = {
    id: task.id,
    name: task.name,
    state: task.state,
    parent: task.owner.host?.id,
    daemon: task.daemon,
    waitingOn,
    waitingMs: waitingOn === undefined ? 0 : Math.max(0, Math.round(loop.timers.now()) - task.since),
    at: suspension === undefined ? [] : [suspension.at],
    spawnedAt: task.extras?.spawnedAt,
    cpuMs: task.extras?.cpuMs ?? 0,
    resumes: task.steps,
  };
  if (options.locals) info.locals = suspension?.locals ?? {};
  return info;
}
