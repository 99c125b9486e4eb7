// Bytes that have arrived and nobody has taken yet: taken from the front in any size, whatever the sizes they came in.
import { Buffer } from "node:buffer";

/** Below this, neighbouring chunks are merged, so that a peer sending one byte at a time can't fill memory with objects. */
const MERGE_BELOW = 2048;

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * A queue of bytes for decoders. Chunks are kept as they came and handed out without copying where a request lies
 * inside one chunk.
 *
 * @example
 * const queue = new ByteQueue();
 * queue.append(Buffer.from("PING\r\nPO"));
 * queue.find("\n".charCodeAt(0)); // 5
 * queue.take(6).toString(); // "PING\r\n"
 * queue.length; // 2
 */
export class ByteQueue {
  #first: Buffer = EMPTY;
  /** Bytes of the first chunk that are spent. */
  #offset = 0;
  /** The chunks behind the first, made when there is one: most of the time a queue holds one chunk or none. */
  #others: Buffer[] | undefined;
  /** Index of the first of them; the slots before it are spent. */
  #head = 0;
  #length = 0;
  /** What the last unsuccessful search looked for, and how many bytes from the front it has ruled out. */
  #sought: number | Uint8Array | undefined;
  #ruledOut = 0;

  /** Bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes at the end. The queue owns them from now on: they must not be changed. */
  append(bytes: Uint8Array): void {
    const added = bytes.length;
    if (added === 0) return;
    const chunk = asBuffer(bytes);
    if (this.#length === 0) {
      this.#first = chunk;
      this.#offset = 0;
    } else if (added >= MERGE_BELOW || !this.#mergeWithLast(chunk)) {
      this.#others ??= [];
      this.#others.push(chunk);
    }
    this.#length += added;
  }

  /** Puts bytes back in front of everything else. */
  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#length > 0) {
      const behind = this.#others?.slice(this.#head) ?? [];
      this.#others = [this.#first.subarray(this.#offset), ...behind];
      this.#head = 0;
    }
    this.#first = asBuffer(bytes);
    this.#offset = 0;
    this.#length += bytes.length;
    this.#sought = undefined;
  }

  /** The byte at a position from the front. The position must be inside the queue. */
  byteAt(position: number): number {
    let index = 0;
    let at = position + this.#offset;
    for (let chunk = this.#chunk(index); chunk !== undefined; chunk = this.#chunk(++index)) {
      if (at < chunk.length) return chunk[at] as number;
      at -= chunk.length;
    }
    throw new RangeError(`Byte ${position} is outside a queue of ${this.#length}. Compare with length first.`);
  }

  /**
   * Position of a byte or a byte sequence from the front, -1 when it isn't there. Looking again for the same thing
   * after more bytes came starts where the last search ended, so a slow sender can't make searching quadratic.
   */
  find(sought: number | Uint8Array): number {
    if (this.#sought !== sought) {
      this.#sought = sought;
      this.#ruledOut = 0;
    }
    const span = typeof sought === "number" ? 1 : sought.length;
    let base = -this.#offset;
    let index = 0;
    for (let chunk = this.#chunk(index); chunk !== undefined; chunk = this.#chunk(++index)) {
      const from = Math.max(this.#ruledOut - base, base < 0 ? -base : 0);
      if (from < chunk.length) {
        const found = chunk.indexOf(sought, from);
        if (found >= 0) return this.#found(base + found);
        for (let at = Math.max(from, chunk.length - span + 1); at < chunk.length && span > 1; at++) {
          if (this.#startsAt(base + at, sought as Uint8Array)) return this.#found(base + at);
        }
      }
      base += chunk.length;
    }
    this.#ruledOut = Math.max(0, this.#length - span + 1);
    return -1;
  }

  /** Removes and returns the next `count` bytes; throws a RangeError when there are fewer. */
  take(count: number): Buffer {
    const bytes = this.peek(count);
    this.#advance(count);
    return bytes;
  }

  /** Removes and returns the next chunk as it lies in memory, at most `max` bytes of it; the queue must not be empty. */
  takeChunk(max: number = Number.POSITIVE_INFINITY): Buffer {
    return this.take(Math.min(this.#first.length - this.#offset, max));
  }

  /** Removes the next `count` bytes and returns them as text. */
  takeText(count: number, encoding: BufferEncoding): string {
    const first = this.#first;
    const start = this.#offset;
    if (start + count > first.length) return this.take(count).toString(encoding);
    const text = first.toString(encoding, start, start + count);
    this.#advance(count);
    return text;
  }

  /** Removes the next `count` bytes. */
  skip(count: number): void {
    if (count > this.#length) throw tooFew(count, this.#length);
    this.#advance(count);
  }

  /** The next `count` bytes, which stay in the queue; throws a RangeError when there are fewer. */
  peek(count: number): Buffer {
    if (count > this.#length) throw tooFew(count, this.#length);
    if (count === 0) return EMPTY;
    const first = this.#first;
    const start = this.#offset;
    const end = start + count;
    if (end <= first.length) return start === 0 && end === first.length ? first : first.subarray(start, end);
    return this.#gather(count);
  }

  /** Forgets everything. */
  clear(): void {
    this.#first = EMPTY;
    this.#offset = 0;
    this.#others = undefined;
    this.#head = 0;
    this.#length = 0;
    this.#sought = undefined;
  }

  #gather(count: number): Buffer {
    const gathered = Buffer.allocUnsafeSlow(count);
    let filled = 0;
    let start = this.#offset;
    for (let index = 0; filled < count; index++) {
      const chunk = this.#chunk(index) as Buffer;
      const end = Math.min(chunk.length, start + count - filled);
      filled += chunk.copy(gathered, filled, start, end);
      start = 0;
    }
    return gathered;
  }

  #advance(count: number): void {
    this.#length -= count;
    this.#ruledOut = this.#ruledOut > count ? this.#ruledOut - count : 0;
    let offset = this.#offset + count;
    while (offset >= this.#first.length && this.#first !== EMPTY) {
      offset -= this.#first.length;
      this.#first = this.#nextChunk();
    }
    this.#offset = offset;
  }

  /** Takes the next chunk out of those behind the first. */
  #nextChunk(): Buffer {
    const others = this.#others;
    if (others === undefined) return EMPTY;
    const chunk = others[this.#head] as Buffer;
    // Let go of the chunk now: the list itself is only shortened once in a while.
    others[this.#head++] = EMPTY;
    if (this.#head === others.length) {
      this.#others = undefined;
      this.#head = 0;
    } else if (this.#head >= 64) {
      others.splice(0, this.#head);
      this.#head = 0;
    }
    return chunk;
  }

  /** The chunk at a place from the front. */
  #chunk(index: number): Buffer | undefined {
    return index === 0 ? this.#first : this.#others?.[this.#head + index - 1];
  }

  #found(position: number): number {
    this.#ruledOut = position;
    return position;
  }

  #startsAt(position: number, sought: Uint8Array): boolean {
    if (position + sought.length > this.#length) return false;
    return sought.every((byte, index) => this.byteAt(position + index) === byte);
  }

  /** Joins a small chunk to the last one, if that is small too. */
  #mergeWithLast(chunk: Buffer): boolean {
    const others = this.#others;
    if (others === undefined) {
      const rest = this.#first.length - this.#offset;
      if (rest >= MERGE_BELOW) return false;
      this.#first = Buffer.concat([this.#first.subarray(this.#offset), chunk]);
      this.#offset = 0;
      return true;
    }
    const last = others.length - 1;
    const tail = others[last] as Buffer;
    if (tail.length >= MERGE_BELOW) return false;
    others[last] = Buffer.concat([tail, chunk]);
    return true;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function tooFew(wanted: number, there: number): RangeError {
  return new RangeError(`${wanted} bytes asked of a queue that has ${there}. Compare with length first.`);
}
