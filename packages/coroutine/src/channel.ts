// Passing values from task to task.
import { ChannelClosed } from "./errors.ts";
import type { Op } from "./op.ts";
import { Operation } from "./operation.ts";
import { Ring } from "./ring.ts";
import { type Waiter, WaitList } from "./waiter.ts";

export interface ChannelOptions<T> {
  /** Shown by `dump()` and in errors. Default: none. */
  name?: string;
  /**
   * What a send into a full buffer does: waits for room (`wait`, the default), or makes room by dropping the value that
   * has waited longest, or the one being sent.
   */
  overflow?: "wait" | "drop-oldest" | "drop-newest";
  /** Receives every value that was accepted from a sender and will reach no receiver. */
  undelivered?: (value: T) => void;
}

/** What a channel's `next()` gives: the protocol of iterators. */
export type Next<T> = { done: false; value: T } | { done: true; value: undefined };

/** What {@link Channel.tryRecv} found. */
export type Received<T> = { ok: true; value: T } | { ok: false };

/**
 * A queue between tasks. With capacity 0 a send waits for its receiver (a rendezvous); with more, for room in the
 * buffer. First come, first served on both sides.
 *
 * After `close()` the buffered values can still be received; then `recv` throws and iteration ends. A channel owns no
 * resource: one that nobody refers to is collected.
 *
 * @example
 * const jobs = new Channel<string>(10);
 * spawn(function* () { for (const name of names) yield* jobs.send(name); jobs.close(); });
 * for (let n = yield* jobs.next(); !n.done; n = yield* jobs.next()) yield* work(n.value);
 */
export class Channel<T> implements AsyncIterable<T>, Disposable {
  readonly capacity: number;
  readonly name: string | undefined;
  /** Waiters parked on a receive. While there are any, the buffer is empty and no sender waits. */
  readonly receivers: WaitList = new WaitList();
  /** Waiters parked on a send. While there are any, the buffer is full. */
  readonly senders: WaitList = new WaitList();
  readonly #buffer = new Ring<T>();
  readonly #overflow: "wait" | "drop-oldest" | "drop-newest";
  readonly #undelivered: ((value: T) => void) | undefined;
  readonly #recv: Receive<T, T>;
  readonly #next: Receive<T, Next<T>>;
  #closed = false;
  #error: unknown;

  /** @param capacity Values it holds while no receiver waits. Default: 0. */
  constructor(capacity = 0, options: ChannelOptions<T> = {}) {
    if (!(capacity >= 0))
      throw new RangeError(`A channel can't hold ${capacity} values. Give it a capacity of 0 or more.`);
    const overflow = options.overflow ?? "wait";
    if (overflow !== "wait" && capacity < 1)
      throw new RangeError(`A channel that drops values needs a capacity of 1 or more.`);
    this.capacity = capacity;
    this.name = options.name;
    this.#overflow = overflow;
    this.#undelivered = options.undelivered;
    this.#recv = new ReceiveValue(this);
    this.#next = new ReceiveNext(this);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Values in the buffer. */
  get size(): number {
    return this.#buffer.size;
  }

  /** Sends a value. @throws {ChannelClosed} When the channel is closed, before the value was taken. */
  send(value: T): Op<void> {
    return new Send(this, value);
  }

  /** Receives a value. @throws {ChannelClosed} When the channel is closed and empty; or what `close` was given. */
  recv(): Op<T> {
    return this.#recv;
  }

  /** Receives a value, or learns that the channel is closed and empty. @throws What `close` was given, if anything. */
  next(): Op<Next<T>> {
    return this.#next;
  }

  /** Sends without waiting. Returns whether the value was taken; a closed channel takes none. */
  trySend(value: T): boolean {
    if (this.#closed) return false;
    const receiver = this.receivers.shift();
    if (receiver !== null) {
      (receiver.op as Receive<T, unknown>).hand(receiver, value);
      return true;
    }
    if (this.#buffer.size < this.capacity) {
      this.#buffer.push(value);
      return true;
    }
    if (this.#overflow === "wait") return false;
    if (this.#overflow === "drop-oldest") {
      const oldest = this.#buffer.shift() as T;
      this.#buffer.push(value);
      this.#undelivered?.(oldest);
    } else {
      this.#undelivered?.(value);
    }
    return true;
  }

  /** Receives without waiting. */
  tryRecv(): Received<T> {
    return this.ready ? { ok: true, value: this.take() } : { ok: false };
  }

  /** Whether there is a value to {@link take}. */
  get ready(): boolean {
    return this.#buffer.size > 0 || !this.senders.empty;
  }

  /** Takes the first value of a channel that is ready. */
  take(): T {
    if (this.#buffer.size === 0) {
      const sender = this.senders.shift() as Waiter;
      const { item } = sender.op as Send<T>;
      sender.resume(undefined);
      return item;
    }
    const value = this.#buffer.shift() as T;
    if (this.#buffer.size < this.capacity) {
      const sender = this.senders.shift();
      if (sender !== null) {
        this.#buffer.push((sender.op as Send<T>).item);
        sender.resume(undefined);
      }
    }
    return value;
  }

  /**
   * Closes the channel; repeating it changes nothing. Receivers that wait are told, senders that wait fail and their
   * values go to `undelivered`.
   *
   * @param error What `recv` and `next` throw once the buffer is empty. Default: `ChannelClosed`, and `next` ends.
   */
  close(error?: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#error = error;
    for (let waiter = this.receivers.shift(); waiter !== null; waiter = this.receivers.shift()) {
      (waiter.op as Receive<T, unknown>).end(waiter);
    }
    for (let waiter = this.senders.shift(); waiter !== null; waiter = this.senders.shift()) {
      const { item } = waiter.op as Send<T>;
      waiter.fail(new ChannelClosed(this.name));
      this.#undelivered?.(item);
    }
  }

  /** What a receive throws when nothing will come any more. */
  get closeError(): unknown {
    return this.#error ?? new ChannelClosed(this.name);
  }

  /** Whether it was closed because something failed. */
  get failed(): boolean {
    return this.#error !== undefined;
  }

  /** Puts a value that was taken back to the front: the wait it was taken for came to nothing. */
  putBack(value: T): void {
    const receiver = this.receivers.shift();
    if (receiver === null) this.#buffer.unshift(value);
    else (receiver.op as Receive<T, unknown>).hand(receiver, value);
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: () => Promise.resolve(this.#next),
      return: () => Promise.resolve({ done: true, value: undefined }),
    };
  }

  [Symbol.dispose](): void {
    this.close();
  }

  toString(): string {
    return this.name === undefined ? "channel" : `channel ${this.name}`;
  }
}

class Send<T> extends Operation<void> {
  private readonly channel: Channel<T>;
  readonly item: T;

  constructor(channel: Channel<T>, item: T) {
    super();
    this.channel = channel;
    this.item = item;
  }

  poll(): boolean {
    if (this.channel.closed) throw new ChannelClosed(this.channel.name);
    return this.channel.trySend(this.item);
  }

  park(waiter: Waiter): void {
    this.channel.senders.push(waiter);
  }

  withdraw(waiter: Waiter): boolean {
    this.channel.senders.remove(waiter);
    return true;
  }

  describe(): string {
    return `send on ${this.channel}`;
  }
}

/** One object per channel and way of receiving: waiting allocates nothing. */
abstract class Receive<T, R> extends Operation<R> {
  readonly channel: Channel<T>;

  constructor(channel: Channel<T>) {
    super();
    this.channel = channel;
  }

  /** Gives a waiter a value. */
  abstract hand(waiter: Waiter, value: T): void;
  /** Tells a waiter that the channel was closed. */
  abstract end(waiter: Waiter): void;

  park(waiter: Waiter): void {
    this.channel.receivers.push(waiter);
  }

  withdraw(waiter: Waiter): boolean {
    this.channel.receivers.remove(waiter);
    return true;
  }

  describe(): string {
    return `recv on ${this.channel}`;
  }
}

class ReceiveValue<T> extends Receive<T, T> {
  poll(): boolean {
    const { channel } = this;
    if (channel.ready) {
      this.value = channel.take();
      return true;
    }
    if (channel.closed) throw channel.closeError;
    return false;
  }

  hand(waiter: Waiter, value: T): void {
    waiter.resume(value);
  }

  end(waiter: Waiter): void {
    waiter.fail(this.channel.closeError);
  }

  override discard(value: T): void {
    this.channel.putBack(value);
  }
}

class ReceiveNext<T> extends Receive<T, Next<T>> {
  poll(): boolean {
    if (this.channel.ready) {
      this.value = { done: false, value: this.channel.take() };
      return true;
    }
    if (!this.channel.closed) return false;
    if (this.channel.failed) throw this.channel.closeError;
    this.value = { done: true, value: undefined };
    return true;
  }

  hand(waiter: Waiter, value: T): void {
    waiter.resume({ done: false, value });
  }

  end(waiter: Waiter): void {
    if (this.channel.failed) waiter.fail(this.channel.closeError);
    else waiter.resume({ done: true, value: undefined });
  }

  override discard(next: Next<T>): void {
    if (!next.done) this.channel.putBack(next.value);
  }
}
