// An operation that waits for several others at once: what `all`, `race` and `select` have in common.
import type { Fork } from "./branch.ts";
import type { Coroutine } from "./coroutine.ts";
import { Operation } from "./operation.ts";
import { PerWaiter } from "./per-waiter.ts";
import type { Waiter } from "./waiter.ts";

/** One wait: a branch for each operation, from parking them until the last of them is out of the way. */
export interface ForkedWait extends Fork {
  park(): void;
  /** Returns `true` when every branch could be taken back at once. */
  takeBack(): boolean;
}

export abstract class Forking<T> extends Operation<T> {
  readonly ops: readonly Operation<unknown>[];
  readonly #waits = new PerWaiter<ForkedWait>();

  constructor(ops: readonly Operation<unknown>[]) {
    super();
    this.ops = ops;
  }

  protected abstract fork(waiter: Waiter): ForkedWait;

  park(waiter: Waiter): void {
    const wait = this.fork(waiter);
    this.#waits.set(waiter, wait);
    wait.park();
  }

  withdraw(waiter: Waiter): boolean {
    const taken = this.#waits.get(waiter)?.takeBack() ?? true;
    if (taken) this.forget(waiter);
    return taken;
  }

  /** Called by a wait that is over. */
  forget(waiter: Waiter): void {
    this.#waits.delete(waiter);
  }

  override isCancellable(task: Coroutine | undefined): boolean {
    return this.ops.every((op) => op.isCancellable(task));
  }
}
