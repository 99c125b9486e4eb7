// One of several operations that a task waits on at the same time.
import type { Coroutine } from "./coroutine.ts";
import { Cancelled, TaskCancelledError } from "./errors.ts";
import type { Operation } from "./operation.ts";
import { Waiter } from "./waiter.ts";

/** What the branches of one wait report to. */
export interface Fork {
  readonly task: Coroutine | undefined;
  resumed(branch: Branch, value: unknown): void;
  failed(branch: Branch, error: unknown): void;
}

export class Branch extends Waiter {
  readonly #fork: Fork;
  readonly index: number;

  constructor(fork: Fork, index: number) {
    super();
    this.#fork = fork;
    this.index = index;
  }

  get task(): Coroutine | undefined {
    return this.#fork.task;
  }

  park(op: Operation<unknown>): void {
    this.op = op;
    op.park(this);
  }

  /** Takes the branch back. Returns `false` when its operation has to come to an end first. */
  withdraw(): boolean {
    const { op } = this;
    if (op === null) return true;
    if (!op.withdraw(this)) return false;
    this.op = null;
    return true;
  }

  resume(value: unknown): void {
    this.op = null;
    this.#fork.resumed(this, value);
  }

  fail(error: unknown): void {
    this.op = null;
    this.#fork.failed(this, error);
  }
}

/** Whether an operation that was asked to stop says with this error no more than that it has. */
export function isStop(error: unknown): boolean {
  return error instanceof TaskCancelledError || error instanceof Cancelled;
}
