// The reading half of a connection: bytes that arrived, and the one coroutine waiting for more.
import type { Waiter } from "@plait/coroutine/unstable";
import { ByteQueue } from "./byte-queue.ts";
import { ConcurrentReadError, type Failure } from "./errors.ts";
import type { ConnectionSettings } from "./options.ts";
import type { ReadOperation } from "./reading.ts";
import { copyOut } from "./slab.ts";

/** What the reading half asks of its connection. */
export interface InboxOwner {
  readonly settings: ConnectionSettings;
  /** More bytes lie unread than the high-water mark. */
  inboxFull(): void;
  /** Room again after {@link inboxFull}. */
  inboxDrained(): void;
  /** A read began to wait, or stopped waiting. */
  readWaiting(waiting: boolean): void;
  /** Bytes came, but not all the waiting read asks for. */
  readPartial(): void;
  /** Notes that an error is about this connection's peer, if it is about a peer, and returns it. */
  blame<E>(error: E): E;
}

export class Inbox {
  /** Made when something is kept: most chunks go straight to the read that waits for them. */
  #queue: ByteQueue | undefined;
  /** The peer sends no more. */
  ended = false;
  /** Bytes received so far. */
  total = 0;
  /** Why reading is over, `undefined` while it is not. Set once. */
  #failure: Failure | undefined;
  readonly #owner: InboxOwner;
  #operation: ReadOperation<unknown> | null = null;
  #waiter: Waiter | null = null;
  #full = false;

  constructor(owner: InboxOwner) {
    this.#owner = owner;
  }

  get queue(): ByteQueue {
    this.#queue ??= new ByteQueue();
    return this.#queue;
  }

  /** Unread bytes at which the peer is held back. */
  get #highWater(): number {
    return this.#owner.settings.readAhead;
  }

  /** Bytes that nobody has taken. */
  get unread(): number {
    return this.#queue === undefined ? 0 : this.#queue.length;
  }

  /** Throws when reading is over for another reason than the peer's end. */
  checkOpen(): void {
    if (this.#failure !== undefined) throw this.#failure();
  }

  /** Throws when another coroutine waits here already. */
  claim(): void {
    if (this.#waiter !== null) throw new ConcurrentReadError();
  }

  wait(operation: ReadOperation<unknown>, waiter: Waiter): void {
    this.#operation = operation;
    this.#waiter = waiter;
    // A read may need more than the high-water mark to complete: whoever waits must be fed.
    if (this.#full) this.relieve();
    this.#owner.readWaiting(true);
  }

  withdraw(): void {
    this.#operation = null;
    this.#waiter = null;
    this.#owner.readWaiting(false);
  }

  received(memory: Buffer, length: number, borrowed: boolean): void {
    this.total += length;
    const bytes = borrowed ? copyOut(memory, length) : length === memory.length ? memory : memory.subarray(0, length);
    if (this.unread === 0 && this.#waiter !== null && this.#operation?.accept(bytes)) {
      this.#give(this.#operation, this.#waiter);
      return;
    }
    this.queue.append(bytes);
    this.settle();
    if (this.#waiter !== null) {
      this.#owner.readPartial();
    } else if (this.unread >= this.#highWater && !this.#full) {
      this.#full = true;
      this.#owner.inboxFull();
    }
  }

  end(): void {
    this.ended = true;
    this.settle();
  }

  /** Ends reading: whoever waits, and everyone after, gets the error. */
  fail(failure: Failure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#queue?.clear();
    const waiter = this.#waiter;
    if (waiter === null) return;
    this.withdraw();
    waiter.fail(failure());
  }

  /** Called after bytes were taken. */
  relieve(): void {
    if (!this.#full || (this.unread >= this.#highWater && this.#waiter === null)) return;
    this.#full = false;
    this.#owner.inboxDrained();
  }

  /** Whether all that an operation asks for is there, and taken. */
  take(operation: ReadOperation<unknown>): boolean {
    try {
      return operation.take(this);
    } catch (error) {
      throw this.#owner.blame(error);
    }
  }

  /** Gives the waiting coroutine what it waits for, if that is there now. */
  settle(): void {
    const operation = this.#operation;
    const waiter = this.#waiter;
    if (operation === null || waiter === null) return;
    // Nobody waits while it is being looked at: a codec that gives up closes the connection, which fails who waits.
    this.#waiter = null;
    try {
      if (!this.take(operation)) {
        this.#waiter = waiter;
        return;
      }
    } catch (error) {
      this.withdraw();
      waiter.fail(error);
      return;
    }
    this.#give(operation, waiter);
  }

  #give(operation: ReadOperation<unknown>, waiter: Waiter): void {
    const { value } = operation;
    this.withdraw();
    waiter.resume(value);
  }
}
