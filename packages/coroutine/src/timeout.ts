// Waiting for no longer than a time.
import { BodyOperation } from "./body.ts";
import type { Coroutine } from "./coroutine.ts";
import { TaskCancelledError, TimeoutError } from "./errors.ts";
import { loop } from "./loop.ts";
import type { Op, Result } from "./op.ts";
import { Operation, type WaitKind } from "./operation.ts";
import { operationOf } from "./operation-of.ts";
import { PerWaiter } from "./per-waiter.ts";
import { Waiter } from "./waiter.ts";

/** Bounds an operation: whichever comes first, its outcome or the time, takes the other back. */
class Timeout<T> extends Operation<T> {
  readonly ms: number;
  readonly inner: Operation<T>;
  readonly #waits = new PerWaiter<TimedWait>();

  constructor(ms: number, inner: Operation<T>) {
    super();
    this.ms = ms;
    this.inner = inner;
  }

  poll(): boolean {
    if (!this.inner.poll()) return false;
    this.value = this.inner.value;
    return true;
  }

  park(waiter: Waiter): void {
    const wait = new TimedWait(this, waiter);
    this.#waits.set(waiter, wait);
    wait.op = this.inner;
    this.inner.park(wait);
    if (wait.op !== null) loop.timers.add(wait.alarm, loop.timers.now() + this.ms);
  }

  withdraw(waiter: Waiter): boolean {
    const wait = this.#waits.get(waiter) as TimedWait;
    wait.silence();
    if (!this.inner.withdraw(wait)) return false;
    this.forget(waiter);
    return true;
  }

  forget(waiter: Waiter): void {
    this.#waits.delete(waiter);
  }

  override isCancellable(task: Coroutine | undefined): boolean {
    return this.inner.isCancellable(task);
  }

  override discard(value: T): void {
    this.inner.discard(value);
  }

  describe(): string {
    return `${this.inner.describe()}, for ${this.ms} ms at most`;
  }

  override get kind(): WaitKind {
    return "timer";
  }
}

/** One bounded wait: parked on the inner operation, with an alarm beside it. */
class TimedWait extends Waiter {
  readonly #timeout: Timeout<unknown>;
  readonly #outer: Waiter;
  readonly alarm = new Alarm(this);
  #expired: TimeoutError | undefined;

  constructor(timeout: Timeout<unknown>, outer: Waiter) {
    super();
    this.#timeout = timeout;
    this.#outer = outer;
  }

  get task(): Coroutine | undefined {
    return this.#outer.task;
  }

  resume(value: unknown): void {
    this.#finish();
    this.#outer.resume(value);
  }

  fail(error: unknown): void {
    this.#finish();
    // The inner operation had to be stopped first, and this is how it says that it was.
    const stopped = this.#expired !== undefined && error instanceof TaskCancelledError;
    this.#outer.fail(stopped ? this.#expired : error);
  }

  expire(): void {
    const { inner, ms } = this.#timeout;
    this.#expired = new TimeoutError(ms, inner.describe());
    if (inner.withdraw(this)) this.fail(this.#expired);
  }

  silence(): void {
    if (this.alarm.slot >= 0) loop.timers.remove(this.alarm);
  }

  #finish(): void {
    this.op = null;
    this.silence();
    this.#timeout.forget(this.#outer);
  }
}

class Alarm extends Waiter {
  readonly #wait: TimedWait;

  constructor(wait: TimedWait) {
    super();
    this.#wait = wait;
  }

  get task(): Coroutine | undefined {
    return this.#wait.task;
  }

  resume(): void {
    this.#wait.expire();
  }

  fail(): void {
    this.#wait.expire();
  }
}

/**
 * Waits for an operation, or runs a body, for no longer than a time. What did not finish is taken back or cancelled,
 * and has ended when the error is thrown; it either happened or timed out, never both.
 *
 * @param ms Milliseconds. Of nested timeouts the shortest wins.
 * @throws {TimeoutError} When the time is over. It says what was being waited for.
 * @example
 * const order = yield* timeout(500, orders.recv());
 * const page = yield* timeout(2000, function* () { return yield* fetchPage(url); });
 */
export function timeout<T>(ms: number, op: Op<T>): Op<T>;
export function timeout<F extends () => unknown>(ms: number, body: F): Op<Result<F>>;
export function timeout(ms: number, what: Op<unknown> | (() => unknown)): Op<unknown> {
  if (typeof what !== "function") return new Timeout(ms, operationOf(what));
  return new BodyOperation("timeout", what, {
    prepare: (task) => {
      task.expireAfter(ms);
      return [];
    },
  });
}
