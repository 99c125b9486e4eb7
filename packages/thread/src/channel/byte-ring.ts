// A queue of byte records in shared memory for one writer and one reader, each in a thread of its own.
//
// The writer moves `tail` and the reader moves `head`, both forever upwards and modulo 2³², so neither needs a lock. A
// record is its length in four bytes, then its bytes, padded to a multiple of four: a length never wraps. Whoever finds
// nothing to do says so in the header and looks once more before it waits; the other side clears the mark and wakes it.

import { InvalidArgumentError } from "@plait/coroutine";

const HEAD = 0;
const TAIL = 1;
const READER_WAITS = 2;
const WRITER_WAITS = 3;
const HEADER = 16;
const LENGTH = 4;
const LARGEST = 1 << 30;

export class ByteRing {
  readonly #state: Int32Array<SharedArrayBuffer>;
  readonly #lengths: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  readonly #size: number;

  /** @throws {InvalidArgumentError} for a size that is no whole number from 1 to 1 GiB */
  static memory(bytes: number): SharedArrayBuffer {
    if (!(Number.isSafeInteger(bytes) && bytes >= 1 && bytes <= LARGEST)) {
      throw new InvalidArgumentError(`A channel can't hold ${bytes} bytes. Give it a whole number from 1 to 1 GiB.`);
    }
    const size = 2 ** Math.ceil(Math.log2(Math.max(LENGTH * 2, bytes)));
    return new SharedArrayBuffer(HEADER + size);
  }

  /** @param memory what `memory()` made; both threads make a ring of it */
  constructor(memory: SharedArrayBuffer) {
    this.#state = new Int32Array(memory, 0, HEADER / 4);
    this.#lengths = new Int32Array(memory, HEADER);
    this.#bytes = new Uint8Array(memory, HEADER);
    this.#size = this.#bytes.length;
  }

  /** Bytes of the longest record that fits. */
  get longest(): number {
    return this.#size - LENGTH;
  }

  /** Adds a record. Returns `false`, and has marked the writer as waiting, while there is no room for it. */
  write(record: Uint8Array): boolean {
    if (this.#add(record)) return true;
    Atomics.store(this.#state, WRITER_WAITS, 1);
    // Look again after the mark: the reader may have made room before it could see it.
    if (!this.#add(record)) return false;
    Atomics.store(this.#state, WRITER_WAITS, 0);
    return true;
  }

  /** Takes the oldest record out, as a copy. Returns `undefined`, and has marked the reader as waiting, when there is none. */
  read(): Uint8Array<ArrayBuffer> | undefined {
    const record = this.#remove();
    if (record !== undefined) return record;
    Atomics.store(this.#state, READER_WAITS, 1);
    const late = this.#remove();
    if (late !== undefined) Atomics.store(this.#state, READER_WAITS, 0);
    return late;
  }

  /** Whether the reader was waiting; the writer that is told so has to wake it. */
  readerWaited(): boolean {
    return Atomics.exchange(this.#state, READER_WAITS, 0) === 1;
  }

  /** Whether the writer was waiting; the reader that is told so has to wake it. */
  writerWaited(): boolean {
    return Atomics.exchange(this.#state, WRITER_WAITS, 0) === 1;
  }

  #add(record: Uint8Array): boolean {
    const tail = Atomics.load(this.#state, TAIL);
    const used = (tail - Atomics.load(this.#state, HEAD)) >>> 0;
    const needed = LENGTH + padded(record.length);
    if (needed > this.#size - used) return false;
    const at = tail & (this.#size - 1);
    this.#lengths[at / LENGTH] = record.length;
    const from = (at + LENGTH) & (this.#size - 1);
    const whole = Math.min(record.length, this.#size - from);
    this.#bytes.set(record.subarray(0, whole), from);
    this.#bytes.set(record.subarray(whole), 0);
    // The bytes first: whoever sees the new tail may read them.
    Atomics.store(this.#state, TAIL, (tail + needed) | 0);
    return true;
  }

  #remove(): Uint8Array<ArrayBuffer> | undefined {
    const head = Atomics.load(this.#state, HEAD);
    if (head === Atomics.load(this.#state, TAIL)) return undefined;
    const at = head & (this.#size - 1);
    const length = this.#lengths[at / LENGTH] ?? 0;
    const from = (at + LENGTH) & (this.#size - 1);
    const record = new Uint8Array(length);
    const whole = Math.min(length, this.#size - from);
    record.set(this.#bytes.subarray(from, from + whole));
    record.set(this.#bytes.subarray(0, length - whole), whole);
    Atomics.store(this.#state, HEAD, (head + LENGTH + padded(length)) | 0);
    return record;
  }
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
