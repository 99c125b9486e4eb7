// A waiter is whoever an operation hands its outcome to; a wait list is a queue of them with O(1) removal.
import type { Coroutine } from "./coroutine.ts";
import type { Operation } from "./operation.ts";

/**
 * Whoever is parked on an operation: a coroutine, one branch of a `select`, or the promise behind an `await`.
 *
 * An operation that has parked a waiter calls exactly one of {@link Waiter.resume} and {@link Waiter.fail}, once, after
 * it has taken the waiter out of its own lists. It calls neither once {@link Operation.withdraw} has returned `true`.
 */
export abstract class Waiter {
  /** Links of the one {@link WaitList} this waiter stands in. */
  next: Waiter | null = null;
  previous: Waiter | null = null;
  /** The operation it is parked on, `null` while it is not parked. */
  op: Operation<unknown> | null = null;
  /** Free for the operation it is parked on; the timer heap keeps the index of its entry here. */
  slot = -1;

  /** Hands over the operation's value. */
  abstract resume(value: unknown): void;
  /** Hands over the operation's failure. */
  abstract fail(error: unknown): void;
  /** The task that waits in the end, `undefined` when code outside every task does. */
  abstract get task(): Coroutine | undefined;
}

/** A first-in first-out queue of waiters, linked through the waiters themselves, so it allocates nothing. */
export class WaitList {
  /** Circular: `head.previous` is the tail. */
  #head: Waiter | null = null;

  get first(): Waiter | null {
    return this.#head;
  }

  get empty(): boolean {
    return this.#head === null;
  }

  push(waiter: Waiter): void {
    const head = this.#head;
    if (head === null) {
      waiter.next = waiter.previous = waiter;
      this.#head = waiter;
      return;
    }
    const tail = head.previous as Waiter;
    waiter.previous = tail;
    waiter.next = head;
    tail.next = waiter;
    head.previous = waiter;
  }

  shift(): Waiter | null {
    const head = this.#head;
    if (head !== null) this.remove(head);
    return head;
  }

  /** Takes out a waiter that stands in this list. */
  remove(waiter: Waiter): void {
    const next = waiter.next as Waiter;
    if (next === waiter) {
      this.#head = null;
    } else {
      const previous = waiter.previous as Waiter;
      previous.next = next;
      next.previous = previous;
      if (this.#head === waiter) this.#head = next;
    }
    waiter.next = waiter.previous = null;
  }

  *[Symbol.iterator](): Generator<Waiter, void, void> {
    const head = this.#head;
    if (head === null) return;
    let waiter = head;
    do {
      yield waiter;
      waiter = waiter.next as Waiter;
    } while (waiter !== head);
  }
}
