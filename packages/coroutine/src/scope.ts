// What a program sees of a scope, and the two ways to open one.
import { BodyOperation } from "./body.ts";
import { Coroutine } from "./coroutine.ts";
import { currentTask } from "./current.ts";
import { Gate } from "./gate.ts";
import { start } from "./launch.ts";
import type { Fn, Op, Result } from "./op.ts";
import { root } from "./root.ts";
import type { Task } from "./task.ts";
import { TaskScope } from "./task-scope.ts";

/** Owns tasks, and ends only when they have. */
export interface Scope extends AsyncDisposable {
  /** Starts a task that this scope owns. Past `limit`, the task waits its turn before its first step. */
  spawn<F extends Fn>(fn: F, ...args: Parameters<F>): Task<Result<F>>;
  /** Cancels the body and every task; waiting on the operation waits until they have ended. */
  cancel(reason?: unknown): Op<void>;
  /** Waits until a task spawned now would start at once: back-pressure for a scope with a `limit`. */
  vacancy(): Op<void>;
  /** Runs at the end of the scope, after its tasks, last registered first, shielded from cancel for the grace time. */
  defer(cleanup: () => unknown): void;
  /** Disposes of a resource at the end of the scope, as {@link Scope.defer} would. Returns the resource. */
  use<R extends Disposable | AsyncDisposable>(resource: R): R;
  readonly name: string;
  /** Tasks it owns that have not ended. */
  readonly size: number;
  /** Aborted when the scope is cancelled or fails. */
  readonly signal: AbortSignal;
}

export interface ScopeOptions {
  /** Shown by `dump()` and in errors. Default: the body's name. */
  name?: string;
  /** Most tasks that run at once; the others wait their turn. Default: no limit. */
  limit?: number;
  /** Milliseconds after which the scope is cancelled and its waiter gets `TimeoutError`. Default: none. */
  timeout?: number;
  /** Cancels the scope when it is aborted. Default: none. */
  signal?: AbortSignal;
  /**
   * What a failed task that nobody joins does. `cancel` (default): cancels the others, and the scope throws its error.
   * `collect`: the others go on, and the scope throws an `AggregateError` of all failures. `isolate`: the others go
   * on, and the failure goes to `onUnhandled`.
   */
  onError?: "cancel" | "collect" | "isolate";
  /** Receives failures under `isolate`. Default: a process warning. */
  onUnhandled?: (error: unknown, task: Task) => void;
  /** Milliseconds that shielded work and cleanup may go on after the scope was cancelled. Default: 5000. */
  grace?: number;
}

/**
 * Runs a body that may spawn into a scope. Ends when the body and every task in the scope have ended and the deferred
 * cleanups have run; gives what the body returned.
 *
 * @throws The first error of the body or of a task nobody joined, as it was thrown; `suppressed(error)` has the rest.
 * @example
 * const pages = yield* scope(function* (s) {
 *   const a = s.spawn(fetchPage, "/a");
 *   const b = s.spawn(fetchPage, "/b");
 *   return [yield* a, yield* b];
 * });
 */
export function scope<F extends (scope: Scope) => unknown>(body: F, options?: ScopeOptions): Op<Result<F>> {
  return new BodyOperation<Result<F>>("scope", body, {
    title: options?.name,
    prepare: (task) => {
      task.scope = new TaskScope(task, options);
      bound(task, options);
      return [task.scope];
    },
  });
}

/**
 * Opens a scope that ends where the caller says: `await using s = openScope()`, or `s[Symbol.asyncDispose]()`. A
 * failure of one of its tasks cancels the others and is thrown when the scope is disposed of. It ends with the task
 * that opened it at the latest.
 *
 * @example
 * await using s = openScope({ limit: 3 });
 * for (const url of urls) s.spawn(fetchPage, url);
 */
export function openScope(options?: ScopeOptions): Scope {
  const gate = new Gate();
  const opener = currentTask();
  const host = new Coroutine(opener?.ensureScope() ?? root, options?.name ?? "scope", opener);
  const opened = new TaskScope(host, options, gate);
  host.scope = opened;
  host.body = gate;
  host.daemon = true;
  bound(host, options);
  start(host, false);
  return opened;
}

/** Sets what ends the scope from outside. */
function bound(host: Coroutine, options: ScopeOptions | undefined): void {
  if (options?.timeout !== undefined) host.expireAfter(options.timeout);
  if (options?.signal !== undefined) host.cancelOn(options.signal);
}
