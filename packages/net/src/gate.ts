// An operation that completes once something has happened, for everyone who waits then or later.
import { Operation, type Waiter, type WaitKind, WaitList } from "@plait/coroutine/unstable";

export class Gate extends Operation<void> {
  readonly #waiters = new WaitList();
  readonly #what: string;
  #open: boolean;

  constructor(what: string, open: boolean) {
    super();
    this.#what = what;
    this.#open = open;
  }

  /** Lets everyone through, for good. */
  open(): void {
    this.#open = true;
    for (let waiter = this.#waiters.shift(); waiter !== null; waiter = this.#waiters.shift()) waiter.resume(undefined);
  }

  poll(): boolean {
    return this.#open;
  }

  park(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  withdraw(waiter: Waiter): boolean {
    this.#waiters.remove(waiter);
    return true;
  }

  describe(): string {
    return this.#what;
  }

  override get kind(): WaitKind {
    return "outside";
  }
}
