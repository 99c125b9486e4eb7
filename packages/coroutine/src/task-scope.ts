// Ownership: which tasks belong together, what a failure does to the others, and in which order all of it ends.
//
// A scope has a host, the task whose body it belongs to (the thread's root scope has none). It ends like this:
// 1. the host's body ends; unless it succeeded, every task is cancelled, else only daemons, once they alone are left;
// 2. the last task ends;
// 3. the deferred cleanups run, in one shielded task;
// 4. the host takes the scope's verdict (`conclude`) and is done.

import { runCleanups } from "./cleanup.ts";
import { Coroutine } from "./coroutine.ts";
import { currentTask } from "./current.ts";
import { Cancelled, ScopeClosedError } from "./errors.ts";
import { Extras } from "./extras.ts";
import type { Gate } from "./gate.ts";
import { Ended } from "./join.ts";
import { launch, start } from "./launch.ts";
import { loop } from "./loop.ts";
import { Mode, Status } from "./mode.ts";
import type { Fn, Op, Result } from "./op.ts";
import { Ring } from "./ring.ts";
import type { Scope, ScopeOptions } from "./scope.ts";
import { suppress } from "./suppressed.ts";
import type { Task } from "./task.ts";
import { throwUncaught } from "./uncaught.ts";
import { Vacancy } from "./vacancy.ts";

const DEFAULT_GRACE_MS = 5000;

export class TaskScope implements Scope {
  readonly host: Coroutine | null;
  readonly options: ScopeOptions | undefined;
  /** Holds the body of a scope opened by hand. */
  private readonly gate: Gate | undefined;
  /** The task spawned last; the others follow through `older`. */
  newest: Coroutine | null = null;
  size = 0;
  private daemons = 0;
  /** Tasks that count against the limit. */
  private active = 0;
  private held: Ring<Coroutine> | undefined;
  private free: Vacancy | undefined;
  private cleanups: (() => unknown)[] | undefined;
  private cleaning = false;
  private failures: unknown[] | undefined;
  private stopped: Cancelled | undefined;
  private controller: AbortController | undefined;

  constructor(host: Coroutine | null, options: ScopeOptions | undefined, gate?: Gate) {
    this.host = host;
    this.options = options;
    this.gate = gate;
  }

  get name(): string {
    return this.options?.name ?? this.host?.name ?? "root";
  }

  get grace(): number {
    return this.options?.grace ?? this.host?.owner.grace ?? DEFAULT_GRACE_MS;
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      const cancelled = this.stop;
      if (cancelled !== null) this.controller.abort(cancelled);
    }
    return this.controller.signal;
  }

  /** What cancels every task that is in the scope, and every one that is still to come. */
  private get stop(): Cancelled | null {
    return this.stopped ?? this.host?.cancelled ?? null;
  }

  spawn<F extends Fn>(fn: F, ...args: Parameters<F>): Task<Result<F>> {
    return launch(this, currentTask(), undefined, fn, args);
  }

  cancel(reason?: unknown): Op<void> {
    const { host } = this;
    if (host === null) throw new TypeError("The root scope can't be cancelled. Cancel the tasks in it.");
    const cancelled = new Cancelled(reason, loop.running?.name, this);
    host.interrupt(cancelled, true);
    return new Ended(host);
  }

  vacancy(): Op<void> {
    this.free ??= new Vacancy(this);
    return this.free;
  }

  get full(): boolean {
    return this.active >= (this.options?.limit ?? Number.POSITIVE_INFINITY);
  }

  /** Whether there are tasks to wait for that a cancel would cut short. */
  get working(): boolean {
    return !this.cleaning && this.size > this.daemons;
  }

  defer(cleanup: () => unknown): void {
    if (this.host === null || this.host.mode === Mode.done) throw new ScopeClosedError(this.name);
    this.cleanups ??= [];
    this.cleanups.push(cleanup);
  }

  use<R extends Disposable | AsyncDisposable>(resource: R): R {
    this.defer(() => (Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose]()));
    return resource;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { host } = this;
    if (host === null) return;
    this.gate?.close();
    await new Ended(host);
    host.observed = true;
    if (host.status === Status.rejected) throw host.sent;
  }

  // Its tasks

  /** Takes a new task in. Returns whether the task may start now; if not, the scope starts it later. */
  adopt(task: Coroutine): boolean {
    if (this.host !== null && this.host.mode === Mode.done) throw new ScopeClosedError(this.name);
    task.older = this.newest;
    if (this.newest !== null) this.newest.newer = task;
    this.newest = task;
    this.size++;
    if (task.daemon) this.daemons++;
    if (task.shielded) {
      if (this.stop !== null) this.limitShield(task);
      this.active++;
      return true;
    }
    task.cancelled ??= this.stop;
    if (this.full && task.cancelled === null) {
      task.extras ??= new Extras();
      task.extras.held = true;
      this.held ??= new Ring();
      this.held.push(task);
      return false;
    }
    this.active++;
    return true;
  }

  /** Called by a task that is done and whose joiners have been told. */
  childSettled(task: Coroutine): void {
    if (task.status !== Status.rejected || task.observed) {
      this.release(task);
    } else if (this.host === null || this.host.mode === Mode.promise || loop.starting === task) {
      // Async code gets to run before it can join, and so does whoever started the task inside its own step.
      setImmediate(() => {
        if (!task.observed) this.childFailed(task);
        this.release(task);
        loop.drainNow();
      });
    } else {
      this.childFailed(task);
      this.release(task);
    }
  }

  private childFailed(task: Coroutine): void {
    const error = task.sent;
    task.observed = true;
    const { host } = this;
    if (host === null) {
      // Nobody is left to tell: as an unhandled rejection would, it ends the process unless somebody listens.
      throwUncaught(error);
      return;
    }
    if (this.options?.onError === "isolate") {
      if (this.options.onUnhandled !== undefined) this.report(error, task, this.options.onUnhandled);
      else
        process.emitWarning(
          error instanceof Error ? error : new Error(`Task "${task.name}" failed.`, { cause: error }),
        );
      return;
    }
    this.failures ??= [];
    this.failures.push(error);
    if (this.options?.onError === "collect" || this.failures.length > 1) return;
    this.cancelAll(new Cancelled(error, task.name, this));
    if (this.gate === undefined) host.interrupt(this.stopped as Cancelled, true);
  }

  private report(error: unknown, task: Task, onUnhandled: (error: unknown, task: Task) => void): void {
    try {
      onUnhandled(error, task);
    } catch (thrown) {
      throwUncaught(thrown);
    }
  }

  private cancelAll(cancelled: Cancelled): void {
    if (this.stopped !== undefined) return;
    this.stopped = cancelled;
    this.controller?.abort(cancelled);
    for (let child = this.newest; child !== null; child = child.older) child.interrupt(cancelled, false);
  }

  private release(task: Coroutine): void {
    const { older, newer } = task;
    if (older !== null) older.newer = newer;
    if (newer !== null) newer.older = older;
    else this.newest = older;
    task.older = task.newer = null;
    this.size--;
    if (task.daemon) this.daemons--;
    if (!task.extras?.held) this.active--;
    if (this.options?.limit !== undefined) this.startHeld();
    if (this.host !== null && this.host.mode === Mode.ended) this.continueEnding(this.host);
  }

  private startHeld(): void {
    while (!this.full) {
      const task = this.held?.shift();
      if (task === undefined) break;
      if (!task.extras?.held) continue;
      task.extras.held = false;
      this.active++;
      loop.push(task);
    }
    if (!this.full) this.free?.open();
  }

  /** Gives a shielded task that stands in the way of a cancel the scope's grace, and no more. */
  limitShield(task: Coroutine): void {
    task.limitGrace(this.grace);
  }

  // Its end

  /** Called when the host's body has ended. */
  hostEnded(): void {
    const host = this.host as Coroutine;
    if (host.status !== Status.fulfilled) {
      this.cancelAll(host.cancelled ?? new Cancelled(`${host.name} ended`, host.name, this));
    }
    this.continueEnding(host);
  }

  private continueEnding(host: Coroutine): void {
    if (this.size > 0) {
      if (this.size === this.daemons) this.cancelAll(new Cancelled(`${host.name} ended`, host.name, this));
      return;
    }
    const cleanups = this.cleanups;
    if (cleanups !== undefined && cleanups.length > 0) {
      this.cleanups = undefined;
      this.cleaning = true;
      const cleaner = new Coroutine(this, "cleanup", host);
      cleaner.body = runCleanups(cleanups);
      cleaner.shielded = true;
      start(cleaner, false);
      return;
    }
    // Through the queue, not on the stack: a deep tree ends from the bottom, one level at a time.
    loop.push(host);
  }

  /** Gives the host the scope's verdict: the first failure as it was thrown, the rest kept beside it. */
  conclude(): void {
    const host = this.host as Coroutine;
    const failures = this.failures;
    if (failures === undefined) return;
    if (this.options?.onError === "collect") {
      if (host.status === Status.rejected) failures.unshift(host.sent);
      host.sent = new AggregateError(failures, `${failures.length} tasks of scope "${this.name}" failed.`);
    } else {
      const [first, ...rest] = failures;
      if (host.status === Status.rejected) suppress(first, host.sent);
      for (const error of rest) suppress(first, error);
      host.sent = first;
    }
    host.status = Status.rejected;
  }
}
