// The record of one running coroutine: its body, what its next step does, how it is cancelled and how it ends.
import { type AsyncContext, currentContext } from "./async-context.ts";
import type { Awaiter } from "./awaiter.ts";
import { BareYield } from "./bare-yield.ts";
import { currentTask, runAs } from "./current.ts";
import { Deadline, Grace } from "./deadline.ts";
import { Cancelled, TaskCancelledError } from "./errors.ts";
import { Extras } from "./extras.ts";
import { instruments } from "./instruments.ts";
import { interruptTree } from "./interrupt.ts";
import { Ended, type EndListener, Join, Settled } from "./join.ts";
import { type Locals, outsideLocals } from "./local.ts";
import { loop } from "./loop.ts";
import { Mode, Status } from "./mode.ts";
import type { Fn, Op } from "./op.ts";
import type { Operation } from "./operation.ts";
import { NORMAL_PRIORITY } from "./ready-queue.ts";
import type { Outcome, Task, TaskState } from "./task.ts";
import { type Body, bodyOf, type Call, isGeneratorFunction, isPromiseLike, throwInto } from "./task-body.ts";
import { TaskScope } from "./task-scope.ts";
import { link, unlink, Waiter } from "./waiter.ts";

/** How often `Cancelled` is thrown into one task before its body is taken away from it. */
const MOST_DELIVERIES = 1000;

/** Implements {@link Task}. Its fields are the runtime's own: programs hold it as a `Task`. */
export class Coroutine<T = unknown> extends Waiter implements Task<T> {
  private static last = 0;

  readonly id: number = ++Coroutine.last;
  mode: Mode = Mode.start;
  status: Status = Status.pending;
  /** The starter's, unless it was given one of its own. */
  priority: number;
  /** Cancelled, not waited for, when its scope ends. */
  daemon = false;
  /** Passed over when its scope is cancelled, until the scope's grace is over. */
  shielded = false;
  /** Somebody has been told how it ended. */
  observed = false;
  /** Given to the next step, later the result. */
  sent: unknown = undefined;
  body: Body | null = null;
  /** The call that starts it, `null` once made; a generator function is called at once and needs none. */
  call: Call | null = null;
  readonly title: string | { readonly name: string };
  readonly owner: TaskScope;
  /** Neighbours among the tasks of its owner. */
  older: Coroutine | null = null;
  newer: Coroutine | null = null;
  /** What it has been cancelled with. */
  cancelled: Cancelled | null = null;
  /** Owns the tasks it spawns. */
  scope: TaskScope | null = null;
  /** The first of those that wait for its end. */
  joiners: Waiter | null = null;
  /** The {@link Local} values it sees. */
  locals: Locals | null;
  extras: Extras | null = null;
  /** The async context its steps run in. */
  context: AsyncContext = currentContext();
  /** When its last wait began, on the loop's coarse clock. */
  since = 0;
  /** Steps it has made. */
  steps = 0;

  constructor(owner: TaskScope, title: string | { readonly name: string }, starter: Coroutine | undefined) {
    super();
    this.owner = owner;
    this.title = title;
    this.priority = starter === undefined ? NORMAL_PRIORITY : starter.priority;
    this.locals = starter === undefined ? outsideLocals() : starter.locals;
  }

  /** Says what it runs. Calling a generator function runs none of its body, so that call is made here. */
  calls(fn: Fn, args: readonly unknown[]): void {
    if (isGeneratorFunction(fn)) this.body = fn(...args);
    else this.call = { fn, args };
  }

  // What programs see

  get name(): string {
    return (typeof this.title === "string" ? this.title : this.title.name) || "anonymous";
  }

  get state(): TaskState {
    if (this.mode === Mode.done) return "done";
    if (this.cancelled !== null) return "cancelling";
    if (loop.running === this) return "running";
    if (this.mode === Mode.parked || this.mode === Mode.promise || this.mode === Mode.ended) return "waiting";
    return "ready";
  }

  get outcome(): Outcome<T> | undefined {
    if (this.mode !== Mode.done) return undefined;
    if (this.status === Status.fulfilled) return { status: "fulfilled", value: this.sent as T };
    if (this.status === Status.rejected) return { status: "rejected", reason: this.sent };
    return { status: "cancelled", reason: this.cancelled as Cancelled };
  }

  get signal(): AbortSignal {
    this.extras ??= new Extras();
    if (this.extras.controller === undefined) {
      this.extras.controller = new AbortController();
      if (this.cancelled !== null) this.extras.controller.abort(this.cancelled);
    }
    return this.extras.controller.signal;
  }

  cancel(reason?: unknown): Op<void> {
    if (this.mode !== Mode.done && this.cancelled === null) {
      this.interrupt(new Cancelled(reason, currentTask()?.name), true);
    }
    return new Ended(this);
  }

  join(): Op<T> {
    return new Join<T>(this);
  }

  settled(): Op<Outcome<T>> {
    return new Settled<T>(this);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.cancel();
  }

  [Symbol.iterator](): Iterator<Op<unknown>, T, unknown> {
    return new Join<T>(this)[Symbol.iterator]();
  }

  // biome-ignore lint/suspicious/noThenProperty: a task is thenable, so that `await` works on it.
  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return new Join<T>(this).then(fulfilled, rejected);
  }

  // What operations call

  get task(): Coroutine {
    return this;
  }

  resume(value: unknown): void {
    this.op = null;
    this.sent = value;
    this.mode = Mode.value;
    this.woke();
  }

  fail(error: unknown): void {
    this.op = null;
    this.sent = error;
    this.mode = Mode.error;
    this.woke();
  }

  private woke(): void {
    if (instruments.length > 0) for (const one of instruments) one.woke?.(this);
    loop.push(this);
  }

  /** Resumes a body that is suspended at a `yield` without a star. */
  resumeBare(value: unknown): void {
    this.op = null;
    this.sent = value;
    this.mode = Mode.bare;
    loop.push(this);
  }

  /** Takes the body away at the next step. */
  kill(): void {
    this.op = null;
    this.mode = Mode.kill;
    loop.push(this);
  }

  addJoiner(waiter: Waiter): void {
    this.joiners = link(this.joiners, waiter);
  }

  removeJoiner(waiter: Waiter): void {
    this.joiners = unlink(this.joiners, waiter);
  }

  // What the loop calls

  /** Runs the body until its next wait, or does whatever else the task's mode says. */
  step(): void {
    this.steps++;
    switch (this.mode) {
      case Mode.value: {
        const { sent } = this;
        this.sent = undefined;
        this.advance(false, sent);
        return;
      }
      case Mode.error: {
        const { sent } = this;
        this.sent = undefined;
        this.mode = Mode.running;
        this.advance(true, sent);
        return;
      }
      case Mode.poll:
        this.mode = Mode.running;
        this.advance(false, undefined);
        return;
      case Mode.start:
        this.begin();
        return;
      case Mode.ended:
        this.settle();
        return;
      case Mode.bare: {
        const { sent } = this;
        this.sent = undefined;
        this.mode = Mode.running;
        this.advance(false, sent);
        return;
      }
      case Mode.kill:
        this.dropBody();
    }
  }

  private begin(): void {
    if (this.cancelled !== null) {
      this.body = null;
      this.call = null;
      this.bodyEnded(Status.cancelled, undefined);
      return;
    }
    this.mode = Mode.running;
    const { call } = this;
    if (call !== null) {
      this.call = null;
      let result: unknown;
      try {
        result = runAs(this, () => (call.fn as (...args: readonly unknown[]) => unknown)(...call.args));
      } catch (error) {
        this.bodyEnded(Status.rejected, error);
        return;
      }
      const body = bodyOf(result);
      if (body === undefined) {
        if (isPromiseLike(result)) this.follow(result);
        else this.bodyEnded(Status.fulfilled, result);
        return;
      }
      this.body = body;
    }
    this.advance(false, undefined);
  }

  private advance(failed: boolean, sent: unknown): void {
    const body = this.body as Body;
    let result: { done?: boolean | undefined; value: unknown };
    try {
      result = failed ? throwInto(body, sent) : body.next(sent);
    } catch (error) {
      this.bodyEnded(Status.rejected, error);
      return;
    }
    const { op } = this;
    if (op !== null) {
      this.mode = Mode.parked;
      this.since = loop.stamp;
      if (instruments.length > 0) for (const one of instruments) one.waiting?.(this, op.describe());
      op.park(this);
    } else if (result.done === true) {
      this.bodyEnded(Status.fulfilled, result.value);
    } else if (this.mode === Mode.poll || this.mode === Mode.kill) {
      loop.push(this);
    } else {
      const bare = new BareYield(this, result.value);
      this.op = bare;
      this.mode = Mode.parked;
      this.since = loop.stamp;
      bare.park();
    }
  }

  private follow(promise: PromiseLike<unknown>): void {
    this.mode = Mode.promise;
    this.since = loop.stamp;
    promise.then(
      (value) => this.promiseEnded(Status.fulfilled, value),
      (error) => this.promiseEnded(Status.rejected, error),
    );
  }

  private promiseEnded(status: Status, value: unknown): void {
    if (this.mode !== Mode.promise) return;
    this.bodyEnded(status, value);
    loop.drainNow();
  }

  // How it is cancelled

  /** `Cancelled` was thrown into it: it can't succeed any more. */
  private get delivered(): boolean {
    return this.extras !== null && this.extras.deliveries > 0;
  }

  /** Records a delivery of `Cancelled`. Returns `false` once the body has had more than it can mean to handle. */
  deliver(): boolean {
    this.extras ??= new Extras();
    return ++this.extras.deliveries < MOST_DELIVERIES;
  }

  /** Cancels this task and what it owns; see {@link interruptTree}. */
  interrupt(cancelled: Cancelled, insist: boolean): void {
    interruptTree(this, cancelled, insist);
  }

  /** Cancels it after a time, and makes that end a `TimeoutError`. */
  expireAfter(ms: number): void {
    this.extras ??= new Extras();
    this.extras.deadline = new Deadline(this, ms);
  }

  /** Cancels it when a signal is aborted. */
  cancelOn(signal: AbortSignal): void {
    const listen = () => this.interrupt(new Cancelled(signal.reason), true);
    if (signal.aborted) {
      listen();
      return;
    }
    this.extras ??= new Extras();
    signal.addEventListener("abort", listen, { once: true });
    // A signal often outlives many tasks: a listener left on it would keep each of them.
    this.extras.forgetSignal = () => signal.removeEventListener("abort", listen);
  }

  /** Cancels it, and lets that end count as a failure with this error. */
  failWith(error: Error): void {
    if (this.mode === Mode.done || this.cancelled !== null) return;
    const cancelled = new Cancelled(error);
    this.extras ??= new Extras();
    this.extras.verdict = { cancelled, error };
    this.interrupt(cancelled, true);
  }

  /** Cancels it after a time in spite of its shield. */
  limitGrace(ms: number): void {
    this.extras ??= new Extras();
    this.extras.grace ??= new Grace(this, ms);
  }

  /** Drops an async body that goes on waiting whatever it is told. */
  abandon(): void {
    if (this.mode !== Mode.promise) return;
    this.warnUnstoppable();
    this.bodyEnded(Status.cancelled, undefined);
  }

  private dropBody(): void {
    const { body } = this;
    this.body = null;
    this.warnUnstoppable();
    try {
      body?.return?.();
    } catch (error) {
      this.bodyEnded(Status.rejected, error);
      return;
    }
    this.bodyEnded(Status.cancelled, undefined);
  }

  private warnUnstoppable(): void {
    process.emitWarning(
      `Task "${this.name}" (${this.id}) went on after ${MOST_DELIVERIES} throws of Cancelled; its body was dropped. ` +
        "Let Cancelled through in its catch blocks.",
      { code: "PLAIT_UNSTOPPABLE_TASK" },
    );
  }

  // How it ends

  private bodyEnded(status: Status, value: unknown): void {
    this.op = null;
    this.body = null;
    this.mode = Mode.ended;
    if (status === Status.rejected && this.cancelled !== null && isCancelOf(value, this.cancelled)) {
      this.status = Status.cancelled;
    } else if (status === Status.fulfilled && this.delivered) {
      // It heard of the cancel and went on to return something: a cancelled task never counts as a success.
      this.status = Status.cancelled;
    } else {
      this.status = status;
      this.sent = value;
    }
    if (this.scope === null) this.settle();
    else this.scope.hostEnded();
  }

  private settle(): void {
    this.scope?.conclude();
    const { extras } = this;
    if (extras !== null) {
      extras.forgetSignal?.();
      extras.grace?.clear();
      extras.deadline?.clear();
      if (extras.verdict !== undefined) this.applyVerdict(extras.verdict);
    }
    this.mode = Mode.done;
    if (this.status === Status.cancelled) this.sent = undefined;
    // One at a time off the task's own list: telling a waiter may make it withdraw another.
    for (let waiter = this.joiners; waiter !== null; waiter = this.joiners) {
      this.removeJoiner(waiter);
      const op = waiter.op as Operation<unknown> & EndListener;
      if (op.observes) this.observed = true;
      op.deliver(waiter, this);
    }
    if (instruments.length > 0) for (const one of instruments) one.done?.(this);
    this.owner.childSettled(this);
  }

  /** Ends with an error of the runtime's instead of `cancelled`, if that is what the cancel was for. */
  private applyVerdict(verdict: { readonly cancelled: Cancelled; readonly error: unknown }): void {
    if (this.status !== Status.cancelled || this.cancelled !== verdict.cancelled) return;
    this.status = Status.rejected;
    this.sent = verdict.error;
    if (this.extras?.released) this.observed = true;
  }

  /** What whoever joins this task sees when it did not succeed. */
  joinError(): unknown {
    return this.status === Status.rejected ? this.sent : new TaskCancelledError(this, this.cancelled as Cancelled);
  }

  awaits(awaiter: Awaiter): void {
    this.extras ??= new Extras();
    this.extras.awaiters ??= new Set();
    this.extras.awaiters.add(awaiter);
  }

  awaited(awaiter: Awaiter): void {
    this.extras?.awaiters?.delete(awaiter);
  }

  /** The scope that owns what this task spawns, made when it spawns for the first time. */
  ensureScope(): TaskScope {
    this.scope ??= new TaskScope(this, undefined);
    return this.scope;
  }

  /** What it waits on, in words. */
  waitingOn(): string | undefined {
    if (this.op !== null) return this.op.describe();
    if (this.mode === Mode.promise) {
      const [awaiter] = this.extras?.awaiters ?? [];
      return awaiter?.op?.describe() ?? "a promise";
    }
    if (this.mode === Mode.ended) return `the end of its ${this.scope?.size ?? 0} tasks`;
    return undefined;
  }

  /** The wait at the bottom: through operations that run a task of their own. */
  deepestWait(): string {
    return this.waitingOn() ?? "its own computation";
  }
}

/** Whether an error is this cancel, as it is or as Node's own APIs pass an abort reason on. */
function isCancelOf(error: unknown, cancelled: Cancelled): boolean {
  return error === cancelled || (error instanceof Error && error.name === "AbortError" && error.cause === cancelled);
}
