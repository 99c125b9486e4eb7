// The waiter behind `await op`: settles a promise, and is told when the async task it belongs to is cancelled.

import type { Coroutine } from "./coroutine.ts";
import { currentTask } from "./current.ts";
import type { Cancelled } from "./errors.ts";
import type { Operation } from "./operation.ts";
import { Waiter } from "./waiter.ts";

/** Ready awaits that may follow each other before one goes through the event loop: they are microtasks, and starve it. */
const READY_AWAITS = 512;
let readyAwaits = 0;

export class Awaiter extends Waiter {
  /** How many wait on behalf of code outside every task. */
  static outside = 0;

  readonly task: Coroutine | undefined;
  private readonly resolve: (value: never) => void;
  private readonly reject: (error: unknown) => void;
  /** The cancel that arrived while the operation could not stop at once. */
  private interrupted: Cancelled | undefined;

  private constructor(task: Coroutine | undefined, resolve: (value: never) => void, reject: (error: unknown) => void) {
    super();
    this.task = task;
    this.resolve = resolve;
    this.reject = reject;
  }

  /** Waits on an operation and settles a promise with what it gives. */
  static start<T>(op: Operation<T>, resolve: (value: T) => void, reject: (error: unknown) => void): void {
    const task = currentTask();
    if (task !== undefined && task.cancelled !== null && op.isCancellable(task)) {
      if (task.deliver()) reject(task.cancelled);
      else task.abandon();
      return;
    }
    try {
      if (op.poll()) {
        const value = op.value as T;
        if (++readyAwaits < READY_AWAITS) {
          resolve(value);
        } else {
          readyAwaits = 0;
          setImmediate(() => resolve(value));
        }
        return;
      }
    } catch (error) {
      reject(error);
      return;
    }
    const awaiter = new Awaiter(task, resolve as (value: never) => void, reject);
    if (task === undefined) Awaiter.outside++;
    else task.awaits(awaiter);
    awaiter.op = op;
    op.park(awaiter);
  }

  resume(value: unknown): void {
    this.settle();
    this.resolve(value as never);
  }

  fail(error: unknown): void {
    this.settle();
    this.reject(error);
  }

  /** The owner is being cancelled: take the wait back and reject it. */
  interrupt(cancelled: Cancelled): void {
    const op = this.op;
    if (op === null || !op.isCancellable(this.task) || this.interrupted !== undefined) return;
    this.interrupted = cancelled;
    if (op.withdraw(this)) this.fail(cancelled);
  }

  private settle(): void {
    this.op = null;
    if (this.task === undefined) Awaiter.outside--;
    else this.task.awaited(this);
  }
}
