// The operation protocol: one object that is the thing to wait for, its own iterator and its own iterator result.
//
// `yield*` asks an operation for `next()`. A ready one answers `done: true` and the generator runs on, without
// unwinding to the loop. One that is not ready answers `done: false`; the answer surfaces from the outermost
// generator, whatever the depth, and the loop parks the task on it. When the task is woken, the same `next()` is
// called with the value and answers `done: true`. Which of the two calls it is stands in the task, not here, so one
// operation object may be waited on by many tasks at once.
import { Awaiter } from "./awaiter.ts";
import type { Coroutine } from "./coroutine.ts";
import { OutsideTaskError } from "./errors.ts";
import { loop } from "./loop.ts";
import { Mode } from "./mode.ts";
import type { Op } from "./op.ts";
import type { Waiter } from "./waiter.ts";

/** What a wait depends on. Only waits on `outside` can end without another task or a timer of ours. */
export type WaitKind = "inside" | "timer" | "outside";

/**
 * Base of every operation. A subclass says how to take the value when it is there, how to park a waiter when it is
 * not, and how to take a parked waiter back.
 */
export abstract class Operation<T> implements Op<T> {
  /** The iterator result's half: read right after `next()`, meaningless at any other time. */
  done = false;
  value: T | undefined = undefined;

  /**
   * Takes the value now if it is there: sets `value` and returns `true`. Returns `false`, and changes nothing, when it
   * is not. May throw the operation's failure.
   */
  abstract poll(): boolean;
  /** Parks a waiter after `poll()` returned `false`. May resume it before it returns. */
  abstract park(waiter: Waiter): void;
  /**
   * Takes a parked waiter back, in O(1). Returns `true` when the operation has had no effect and never will, `false`
   * when it can't stop at once: it then still resumes or fails the waiter, once it has.
   */
  abstract withdraw(waiter: Waiter): boolean;

  /** What a dump says the waiter waits on: "recv on Channel orders". */
  abstract describe(): string;

  /** What ends the wait. */
  get kind(): WaitKind {
    return "inside";
  }
  /** Whether a task that is being cancelled gets `Cancelled` instead of waiting on this. */
  isCancellable(_task: Coroutine | undefined): boolean {
    return true;
  }
  /** The one task that has to act before this waiter can go on, if it is a matter of one: finds cycles of waits. */
  blockedBy(_waiter: Waiter): Coroutine | undefined {
    return undefined;
  }
  /** Undoes a value that was taken but can't be delivered: part of a larger wait that failed. */
  discard(_value: T): void {}

  [Symbol.iterator](): Iterator<Op<unknown>, T, unknown> {
    // The protocol's one cast: this object is a valid iterator and iterator result, but TypeScript can't express a
    // result whose `done` decides between two meanings of one mutable `value`.
    return this as unknown as Iterator<Op<unknown>, T, unknown>;
  }

  /** One step of `yield*`; for the generator protocol only. */
  next(sent?: unknown): this {
    const task = loop.running;
    if (task === null) throw new OutsideTaskError();
    if (task.mode === Mode.value) {
      task.mode = Mode.running;
      this.value = sent as T;
      this.done = true;
      return this;
    }
    if (task.cancelled !== null && this.isCancellable(task)) {
      if (task.deliver()) throw task.cancelled;
      task.mode = Mode.kill;
      this.done = false;
      return this;
    }
    if (--loop.budget < 0) {
      // To the back of the queue: the loop sees the mode, and asks again when the task's turn comes.
      task.mode = Mode.poll;
      this.done = false;
      return this;
    }
    if (this.poll()) {
      this.done = true;
      return this;
    }
    task.op = this;
    this.done = false;
    return this;
  }

  /** A failure delivered through `yield*`. Without this method `yield*` would replace it with a TypeError. */
  throw(error: unknown): never {
    throw error;
  }

  // biome-ignore lint/suspicious/noThenProperty: an operation is thenable, so that `await` works on it.
  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return new Promise<T>((resolve, reject) => Awaiter.start(this, resolve, reject)).then(fulfilled, rejected);
  }
}
