// The body of a scope that was opened by hand: waits until it is closed.
import { Operation } from "./operation.ts";
import type { Waiter } from "./waiter.ts";

export class Gate extends Operation<void> {
  #closed = false;
  #waiter: Waiter | undefined;

  poll(): boolean {
    return this.#closed;
  }

  park(waiter: Waiter): void {
    this.#waiter = waiter;
  }

  withdraw(): boolean {
    this.#waiter = undefined;
    return true;
  }

  /** Lets the scope end once its tasks have. */
  close(): void {
    this.#closed = true;
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.resume(undefined);
  }

  describe(): string {
    return "the end of its block";
  }
}
