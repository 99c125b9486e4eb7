// Tier 3: coroutines, operations, scopes and the scheduler that runs them.
export { all } from "./all.ts";
export { Channel, type ChannelOptions, type Next, type Received } from "./channel.ts";
export { checkCancelled, current } from "./current.ts";
export { Deferred } from "./deferred.ts";
export { drawTasks, dump } from "./dump.ts";
export {
  Cancelled,
  ChannelClosed,
  DeadlockError,
  InvalidArgumentError,
  OutsideTaskError,
  ScopeClosedError,
  TaskCancelledError,
  TimeoutError,
} from "./errors.ts";
export { Event } from "./event.ts";
export { instrument } from "./instrument.ts";
export type { Blocked, Instrument } from "./instruments.ts";
export { Local } from "./local.ts";
export { Mutex } from "./mutex.ts";
export type { Co, Fn, Op, Result, Value } from "./op.ts";
export { NotAnOperationError } from "./operation-of.ts";
export { race } from "./race.ts";
export { type RetryPolicy, retry } from "./retry.ts";
export { run } from "./run.ts";
export { openScope, type Scope, type ScopeOptions, scope } from "./scope.ts";
export { type Selected, select } from "./select.ts";
export { Semaphore } from "./semaphore.ts";
export { shield } from "./shield.ts";
export { sleep, yieldNow } from "./sleep.ts";
export { type SpawnOptions, spawn, spawnWith } from "./spawn.ts";
export { traceSpawns } from "./spawn-trace.ts";
export { suppressed } from "./suppressed.ts";
export { type Start, suspend } from "./suspend.ts";
export type { Outcome, Task, TaskState } from "./task.ts";
export { countTasks, type TaskCounts } from "./task-counts.ts";
export { type TaskInfo, type TasksOptions, tasks } from "./tasks.ts";
export { timeout } from "./timeout.ts";
export { type Source, until } from "./until.ts";
