// Waiting for a task: for its value, for its outcome, or for its end only.
import { reportCycle } from "./blame.ts";
import type { Coroutine } from "./coroutine.ts";
import { Mode, Status } from "./mode.ts";
import { Operation } from "./operation.ts";
import type { Outcome } from "./task.ts";
import type { Waiter } from "./waiter.ts";

/** What an operation that parks waiters on a task's end answers when the task is done. */
export interface EndListener {
  /** Whether whoever waits here learns how the task ended, so that its error has an owner. */
  readonly observes: boolean;
  /** Hands the ended task's result to a waiter. */
  deliver(waiter: Waiter, ended: Coroutine): void;
  /** Lets a waiter go before the task has ended, which it can't be made to. Left out: the waiter stays. */
  release?(waiter: Waiter, error: unknown): void;
}

abstract class EndOperation<T> extends Operation<T> implements EndListener {
  readonly target: Coroutine;

  constructor(target: Coroutine) {
    super();
    this.target = target;
  }

  abstract get observes(): boolean;
  abstract deliver(waiter: Waiter): void;

  park(waiter: Waiter): void {
    this.target.addJoiner(waiter);
    // Only a target that waits itself can close a cycle.
    if (this.target.mode !== Mode.start) reportCycle(waiter.task);
  }

  override blockedBy(): Coroutine {
    return this.target;
  }

  withdraw(waiter: Waiter): boolean {
    this.target.removeJoiner(waiter);
    return true;
  }

  describe(): string {
    return `join of ${this.target.name} (${this.target.id})`;
  }
}

/** Gives what the task returned, or throws what it threw. */
export class Join<T> extends EndOperation<T> {
  get observes(): boolean {
    return true;
  }

  poll(): boolean {
    const { target } = this;
    if (target.mode !== Mode.done) return false;
    target.observed = true;
    if (target.status !== Status.fulfilled) throw target.joinError();
    this.value = target.sent as T;
    return true;
  }

  deliver(waiter: Waiter): void {
    const { target } = this;
    if (target.status === Status.fulfilled) waiter.resume(target.sent);
    else waiter.fail(target.joinError());
  }

  release(waiter: Waiter, error: unknown): void {
    waiter.fail(error);
  }
}

/** Gives the outcome; never throws. */
export class Settled<T> extends EndOperation<Outcome<T>> {
  get observes(): boolean {
    return true;
  }

  poll(): boolean {
    if (this.target.mode !== Mode.done) return false;
    this.target.observed = true;
    this.value = this.target.outcome as Outcome<T>;
    return true;
  }

  deliver(waiter: Waiter): void {
    waiter.resume(this.target.outcome);
  }
}

/**
 * Gives nothing; never throws, and leaves the task's error to somebody else. A task that is being cancelled itself may
 * still wait for this: the task it has cancelled ends within the grace.
 */
export class Ended extends EndOperation<void> {
  /** Waiting for the end of oneself, or of a task one is part of, would never end. */
  override isCancellable(task: Coroutine | undefined): boolean {
    for (let above = task; above !== undefined; above = above.owner.host ?? undefined) {
      if (above === this.target) return true;
    }
    return false;
  }

  get observes(): boolean {
    return false;
  }

  poll(): boolean {
    return this.target.mode === Mode.done;
  }

  deliver(waiter: Waiter): void {
    waiter.resume(undefined);
  }

  override describe(): string {
    return `end of ${this.target.name} (${this.target.id})`;
  }
}
