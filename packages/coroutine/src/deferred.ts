// A value that somebody else will provide.
import type { Op } from "./op.ts";
import { Operation } from "./operation.ts";
import { type Waiter, WaitList } from "./waiter.ts";

type Settlement<T> = { value: T } | { error: unknown };

/**
 * An operation that ends when it is told to: the first `resolve` or `reject` counts, for everybody who waits now or
 * later. An error nobody ever waits for stays in it: it belongs to no task.
 *
 * @example
 * const answer = new Deferred<number>();
 * spawn(function* () { yield* sleep(10); answer.resolve(42); });
 * console.log(yield* answer);
 */
export class Deferred<T> implements Op<T> {
  readonly name: string | undefined;
  readonly #wait: Wait<T>;

  constructor(name?: string) {
    this.name = name;
    this.#wait = new Wait(this);
  }

  get settled(): boolean {
    return this.#wait.settlement !== undefined;
  }

  resolve(value: T): void {
    this.#wait.settle({ value });
  }

  reject(error: unknown): void {
    this.#wait.settle({ error });
  }

  [Symbol.iterator](): Iterator<Op<unknown>, T, unknown> {
    return this.#wait[Symbol.iterator]();
  }

  // biome-ignore lint/suspicious/noThenProperty: a deferred is thenable, so that `await` works on it.
  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#wait.then(fulfilled, rejected);
  }

  toString(): string {
    return this.name === undefined ? "deferred" : `deferred ${this.name}`;
  }
}

class Wait<T> extends Operation<T> {
  readonly #deferred: Deferred<T>;
  readonly #waiters = new WaitList();
  settlement: Settlement<T> | undefined;

  constructor(deferred: Deferred<T>) {
    super();
    this.#deferred = deferred;
  }

  poll(): boolean {
    if (this.settlement === undefined) return false;
    if ("error" in this.settlement) throw this.settlement.error;
    this.value = this.settlement.value;
    return true;
  }

  park(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  withdraw(waiter: Waiter): boolean {
    this.#waiters.remove(waiter);
    return true;
  }

  settle(settlement: Settlement<T>): void {
    if (this.settlement !== undefined) return;
    this.settlement = settlement;
    for (let waiter = this.#waiters.shift(); waiter !== null; waiter = this.#waiters.shift()) {
      if ("error" in settlement) waiter.fail(settlement.error);
      else waiter.resume(settlement.value);
    }
  }

  describe(): string {
    return `${this.#deferred}`;
  }
}
