// The writing half of a connection: what was written in this turn, and who waits for room.
import { Operation, type Waiter, type WaitKind, WaitList } from "@plait/coroutine/unstable";
import type { Failure } from "./errors.ts";
import type { ConnectionSettings } from "./options.ts";
import type { Transport } from "./transport.ts";
import { type Flushable, flushLater } from "./turn.ts";
import { checkWritable, type Writable } from "./writable.ts";

/** Collected output is sent before the end of the turn once there is this much of it. */
const FLUSH_BYTES = 64 * 1024;
/** And once it is in this many pieces: as many as one system call takes. */
const FLUSH_PIECES = 1024;

/** What the writing half asks of its connection. */
export interface OutboxOwner {
  readonly transport: Transport;
  readonly settings: ConnectionSettings;
  /** Output was handed to the transport. */
  flushed(): void;
  /** The transport threw on what it was handed. */
  flushFailed(error: unknown): void;
}

export class Outbox implements Flushable {
  readonly #owner: OutboxOwner;
  /** Made when one has to wait. */
  #writers: WaitList | undefined;
  /** What was written in this turn; a list only when it can't be joined. */
  #output: string | Uint8Array | (string | Uint8Array)[] | undefined;
  #collected = 0;
  /** Is told of the end of this turn. */
  #scheduled = false;
  #corked = 0;
  /** Why writing is over, `undefined` while it is not. Set once. */
  #failure: Failure | undefined;
  /** Bytes written so far. */
  total = 0;

  constructor(owner: OutboxOwner) {
    this.#owner = owner;
  }

  /** Bytes written that the kernel has not taken. */
  get pending(): number {
    return this.#collected + this.#owner.transport.pending;
  }

  /** Takes the data if there is room and nobody waits in front; throws when writing is over. */
  offer(data: Writable): boolean {
    if (this.#failure !== undefined) throw this.#failure();
    if (this.#writers?.empty === false || this.pending >= this.#owner.settings.watermarks.high) return false;
    this.#collect(data);
    return true;
  }

  wait(waiter: Waiter): void {
    this.#writers ??= new WaitList();
    this.#writers.push(waiter);
    // Nothing reports progress on bytes that were never sent.
    this.flush();
  }

  withdraw(waiter: Waiter): void {
    this.#writers?.remove(waiter);
  }

  cork(): void {
    // What was written before is not held back.
    if (this.#corked++ === 0) this.flush();
  }

  uncork(): void {
    this.#corked--;
    if (this.#corked === 0 && this.#collected > 0) this.#schedule();
  }

  /** What was written in this turn leaves, unless it is held back. */
  turnEnded(): void {
    this.#scheduled = false;
    if (this.#corked === 0) this.flush();
  }

  failed(error: unknown): void {
    this.#owner.flushFailed(error);
  }

  flush(): void {
    const output = this.#output;
    if (output === undefined) return;
    this.#output = undefined;
    this.#collected = 0;
    this.#owner.transport.send(output);
    this.#owner.flushed();
  }

  /** Called when the transport made progress. */
  drained(): void {
    while (this.pending <= this.#owner.settings.watermarks.low) {
      const waiter = this.#writers?.shift();
      if (!waiter) return;
      this.#collect((waiter.op as unknown as WriteOperation).data);
      waiter.resume(undefined);
    }
  }

  /** Ends writing. What was taken before is still sent; whoever waits for room gets the error. */
  fail(failure: Failure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    for (let waiter = this.#writers?.shift(); waiter; waiter = this.#writers?.shift()) waiter.fail(failure());
  }

  #collect(data: Writable): void {
    if (typeof data === "string" || data instanceof Uint8Array) this.#add(data);
    else for (const piece of data) this.#add(piece);
    const pieces = Array.isArray(this.#output) ? this.#output.length : 1;
    if (this.#collected >= FLUSH_BYTES || pieces >= FLUSH_PIECES) this.flush();
    else if (!this.#scheduled && this.#corked === 0) this.#schedule();
  }

  #add(piece: string | Uint8Array): void {
    if (piece.length === 0) return;
    const output = this.#output;
    if (output === undefined) {
      this.#output = piece;
    } else if (!Array.isArray(output)) {
      // One string is encoded and sent in one call, many need a call to encode each.
      this.#output = typeof output === "string" && typeof piece === "string" ? output + piece : [output, piece];
    } else {
      const last = output.length - 1;
      if (typeof piece === "string" && typeof output[last] === "string") output[last] += piece;
      else output.push(piece);
    }
    this.#collected += piece.length;
    this.total += piece.length;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    flushLater(this);
  }
}

/** Puts data in the outbox, as soon as there is room. */
export class WriteOperation extends Operation<void> {
  readonly data: Writable;
  readonly #outbox: Outbox;

  constructor(outbox: Outbox, data: Writable) {
    super();
    checkWritable(data);
    this.#outbox = outbox;
    this.data = data;
  }

  poll(): boolean {
    return this.#outbox.offer(this.data);
  }

  park(waiter: Waiter): void {
    this.#outbox.wait(waiter);
  }

  withdraw(waiter: Waiter): boolean {
    this.#outbox.withdraw(waiter);
    return true;
  }

  describe(): string {
    return `write, ${this.#outbox.pending} bytes wait for the peer`;
  }

  override get kind(): WaitKind {
    return "outside";
  }
}
