// Tier 3: coroutines, operations, scopes and the scheduler that runs them.
export { checkCancelled, current } from "./current.ts";
export { Cancelled, OutsideTaskError, ScopeClosedError, TaskCancelledError, TimeoutError } from "./errors.ts";
export type { Co, Fn, Op, Result, Value } from "./op.ts";
export { NotAnOperationError } from "./operation-of.ts";
export { run } from "./run.ts";
export { openScope, type Scope, type ScopeOptions, scope } from "./scope.ts";
export { shield } from "./shield.ts";
export { sleep, yieldNow } from "./sleep.ts";
export { type SpawnOptions, spawn, spawnWith } from "./spawn.ts";
export { suppressed } from "./suppressed.ts";
export { type Start, suspend } from "./suspend.ts";
export type { Outcome, Task, TaskState } from "./task.ts";
export { timeout } from "./timeout.ts";
export { type Source, until } from "./until.ts";
