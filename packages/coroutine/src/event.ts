// A condition tasks can wait for: set once or again and again.
import type { Op } from "./op.ts";
import { Operation } from "./operation.ts";
import { type Waiter, WaitList } from "./waiter.ts";

/**
 * Off at first. While it is set nobody waits; setting it wakes everybody who does.
 *
 * @example
 * const ready = new Event();
 * spawn(function* () { yield* ready.wait(); yield* work(); });
 * ready.set();
 */
export class Event {
  readonly name: string | undefined;
  readonly #wait: Wait;
  #isSet = false;

  constructor(name?: string) {
    this.name = name;
    this.#wait = new Wait(this);
  }

  get isSet(): boolean {
    return this.#isSet;
  }

  /** Waits until it is set. */
  wait(): Op<void> {
    return this.#wait;
  }

  set(): void {
    this.#isSet = true;
    this.#wait.wakeAll();
  }

  clear(): void {
    this.#isSet = false;
  }

  toString(): string {
    return this.name === undefined ? "event" : `event ${this.name}`;
  }
}

class Wait extends Operation<void> {
  readonly #event: Event;
  readonly #waiters = new WaitList();

  constructor(event: Event) {
    super();
    this.#event = event;
  }

  poll(): boolean {
    return this.#event.isSet;
  }

  park(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  withdraw(waiter: Waiter): boolean {
    this.#waiters.remove(waiter);
    return true;
  }

  wakeAll(): void {
    for (let waiter = this.#waiters.shift(); waiter !== null; waiter = this.#waiters.shift()) waiter.resume(undefined);
  }

  describe(): string {
    return `${this.#event}`;
  }
}
