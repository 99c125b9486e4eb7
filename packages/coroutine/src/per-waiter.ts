// What an operation remembers about each waiter parked on it: nearly always one, so the first costs no map.
import type { Waiter } from "./waiter.ts";

export class PerWaiter<S> {
  #waiter: Waiter | undefined;
  #state: S | undefined;
  #others: Map<Waiter, S> | undefined;

  set(waiter: Waiter, state: S): void {
    if (this.#waiter === undefined || this.#waiter === waiter) {
      this.#waiter = waiter;
      this.#state = state;
    } else {
      this.#others ??= new Map();
      this.#others.set(waiter, state);
    }
  }

  get(waiter: Waiter): S | undefined {
    return this.#waiter === waiter ? this.#state : this.#others?.get(waiter);
  }

  /** Forgets a waiter if this is still what is remembered about it: the first of several callers gets `true`. */
  take(waiter: Waiter, state: S): boolean {
    return this.get(waiter) === state && this.delete(waiter);
  }

  /** Forgets a waiter. Returns whether it was known. */
  delete(waiter: Waiter): boolean {
    if (this.#waiter !== waiter) return this.#others?.delete(waiter) ?? false;
    this.#waiter = undefined;
    this.#state = undefined;
    return true;
  }
}
