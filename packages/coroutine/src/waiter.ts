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

/** Puts a waiter at the end of a circle of waiters. Returns the first of them. */
export function link(first: Waiter | null, waiter: Waiter): Waiter {
  if (first === null) {
    waiter.next = waiter.previous = waiter;
    return waiter;
  }
  const last = first.previous as Waiter;
  waiter.previous = last;
  waiter.next = first;
  last.next = waiter;
  first.previous = waiter;
  return first;
}

/** Takes a waiter out of the circle it stands in. Returns the first of those left, `null` when it was the last. */
export function unlink(first: Waiter | null, waiter: Waiter): Waiter | null {
  const next = waiter.next as Waiter;
  const previous = waiter.previous as Waiter;
  waiter.next = waiter.previous = null;
  if (next === waiter) return null;
  previous.next = next;
  next.previous = previous;
  return first === waiter ? next : first;
}

/** A first-in first-out queue of waiters, linked through the waiters themselves, so it allocates nothing. */
export class WaitList {
  /** The first of a circle: `previous` of the first is the last. */
  private head: Waiter | null = null;

  get first(): Waiter | null {
    return this.head;
  }

  get empty(): boolean {
    return this.head === null;
  }

  push(waiter: Waiter): void {
    this.head = link(this.head, waiter);
  }

  shift(): Waiter | null {
    const first = this.head;
    if (first !== null) this.head = unlink(first, first);
    return first;
  }

  /** Takes out a waiter that stands in this list. */
  remove(waiter: Waiter): void {
    this.head = unlink(this.head, waiter);
  }
}
