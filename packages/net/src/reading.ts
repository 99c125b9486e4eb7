// The operations that take bytes out of a connection.
import { Operation, type Waiter, type WaitKind } from "@plait/coroutine/unstable";
import { checkMax } from "./codec.ts";
import { findEnd } from "./codecs/delimited.ts";
import { checkEncoding, type LineEncoding, takeLine } from "./codecs/lines.ts";
import { FrameTooLargeError, UnexpectedEndError } from "./errors.ts";
import type { Inbox } from "./inbox.ts";

/** Base of every read: takes its value from the inbox when it is all there. */
export abstract class ReadOperation<T> extends Operation<T> {
  protected readonly inbox: Inbox;
  readonly #where: string;

  constructor(inbox: Inbox, where: string) {
    super();
    this.inbox = inbox;
    this.#where = where;
  }

  /** What is read, for dumps and messages: "line". */
  protected abstract get what(): string;
  /** Sets `value` to bytes that arrive while nothing else is unread and returns true, where they are all that is read. */
  accept(_bytes: Buffer): boolean {
    return false;
  }

  /** Sets `value` and returns true when it is all there; otherwise changes nothing and returns false, or throws. */
  abstract take(inbox: Inbox): boolean;

  poll(): boolean {
    const { inbox } = this;
    inbox.claim();
    if (!inbox.take(this)) return false;
    inbox.relieve();
    return true;
  }

  park(waiter: Waiter): void {
    // The last value would keep its memory, and its neighbours', for as long as the connection is idle.
    this.value = undefined;
    this.inbox.wait(this, waiter);
  }

  withdraw(_waiter: Waiter): boolean {
    this.inbox.withdraw();
    return true;
  }

  /** Bytes that were taken for somebody who can't have them any more go back to where they came from. */
  protected putBack(bytes: Uint8Array): void {
    this.inbox.queue.unread(bytes);
  }

  describe(): string {
    return `${this.what} from ${this.#where}`;
  }

  override get kind(): WaitKind {
    return "outside";
  }

  /** Whether the peer ended before the first byte of what is read; throws when it ended in the middle. */
  protected endedBefore(): boolean {
    this.inbox.checkOpen();
    if (!this.inbox.ended) return false;
    if (this.inbox.queue.length > 0) throw new UnexpectedEndError(this.what, this.inbox.queue.length);
    return true;
  }
}

/** The next bytes, however many there are; `null` after the last. */
export class ReadSome extends ReadOperation<Buffer | null> {
  readonly #max: number | undefined;

  constructor(inbox: Inbox, where: string, max?: number) {
    super(inbox, where);
    if (max !== undefined) checkMax(max, 1);
    this.#max = max;
  }

  get what(): string {
    return "read";
  }

  override accept(bytes: Buffer): boolean {
    if (this.#max !== undefined && bytes.length > this.#max) return false;
    this.value = bytes;
    return true;
  }

  take(inbox: Inbox): boolean {
    if (inbox.unread > 0) {
      this.value = inbox.queue.takeChunk(this.#max);
      return true;
    }
    this.inbox.checkOpen();
    if (!inbox.ended) return false;
    this.value = null;
    return true;
  }

  override discard(bytes: Buffer | null): void {
    if (bytes !== null) this.putBack(bytes);
  }
}

/** Exactly so many bytes. */
export class ReadExactly extends ReadOperation<Buffer> {
  readonly what: string;
  readonly #count: number;
  readonly #max: number;
  readonly #keep: boolean;

  constructor(inbox: Inbox, where: string, count: number, max: number, keep: boolean) {
    super(inbox, where);
    if (!Number.isInteger(count) || count < 0)
      throw new RangeError(`Can't read ${count} bytes. Give a whole number of at least 0.`);
    checkMax(max);
    this.what = `${keep ? "peek" : "read"} of ${count} bytes`;
    this.#count = count;
    this.#max = max;
    this.#keep = keep;
  }

  take(inbox: Inbox): boolean {
    if (this.#count > this.#max) throw new FrameTooLargeError("read", this.#max, this.#count);
    if (inbox.queue.length >= this.#count) {
      this.value = this.#keep ? inbox.queue.peek(this.#count) : inbox.queue.take(this.#count);
      return true;
    }
    this.inbox.checkOpen();
    if (inbox.ended) throw new UnexpectedEndError(this.what, inbox.queue.length);
    return false;
  }

  override discard(bytes: Buffer): void {
    if (!this.#keep) this.putBack(bytes);
  }
}

/** The bytes up to a delimiter; `null` after the last. */
export class ReadUntil extends ReadOperation<Buffer | null> {
  readonly what = "block";
  readonly #delimiter: number | Uint8Array;
  readonly #max: number;
  readonly #keep: boolean;

  constructor(inbox: Inbox, where: string, delimiter: number | Uint8Array, max: number, keep: boolean) {
    super(inbox, where);
    checkDelimiter(delimiter);
    checkMax(max);
    this.#delimiter = delimiter;
    this.#max = max;
    this.#keep = keep;
  }

  take(inbox: Inbox): boolean {
    const { queue } = inbox;
    const at = findEnd(queue, this.#delimiter, this.#max, this.what);
    if (at < 0) {
      if (!this.endedBefore()) return false;
      this.value = null;
      return true;
    }
    const span = typeof this.#delimiter === "number" ? 1 : this.#delimiter.length;
    if (this.#keep) {
      this.value = queue.take(at + span);
    } else {
      this.value = queue.take(at);
      queue.skip(span);
    }
    return true;
  }

  override discard(bytes: Buffer | null): void {
    if (bytes === null) return;
    if (!this.#keep) this.putBack(typeof this.#delimiter === "number" ? Buffer.of(this.#delimiter) : this.#delimiter);
    this.putBack(bytes);
  }
}

/** One line of text, without its line feed or carriage return and line feed; `null` after the last. */
export class ReadLine extends ReadOperation<string | null> {
  readonly what = "line";
  readonly #max: number;
  readonly #encoding: LineEncoding;

  constructor(inbox: Inbox, where: string, max: number, encoding: LineEncoding) {
    super(inbox, where);
    checkMax(max);
    checkEncoding(encoding);
    this.#max = max;
    this.#encoding = encoding;
  }

  take(inbox: Inbox): boolean {
    const { queue } = inbox;
    const line = takeLine(queue, this.#max, this.#encoding);
    if (line === undefined && !this.endedBefore()) return false;
    this.value = line ?? null;
    return true;
  }

  override discard(line: string | null): void {
    if (line !== null) this.putBack(Buffer.from(`${line}\n`, this.#encoding));
  }
}

function checkDelimiter(delimiter: number | Uint8Array): void {
  const valid = typeof delimiter === "number" ? (delimiter & 255) === delimiter : delimiter.length > 0;
  if (!valid) throw new RangeError("A delimiter is at least one byte, or the number of one from 0 to 255.");
}
