// Counts connections by key: in this thread, or across all threads of a process.

/** Counts under keys. */
export interface ConnectionCounter {
  /** Adds one; returns how many there are then, this one included. */
  add(key: string): number;
  /** Takes back one that was added here. */
  remove(key: string): void;
}

/** Counts in this thread only. */
export class LocalCounter implements ConnectionCounter {
  readonly #counts = new Map<string, number>();

  add(key: string): number {
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }

  remove(key: string): void {
    const count = (this.#counts.get(key) ?? 0) - 1;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}

/** Places of a row. Two keys out of so many share one. */
const PLACES = 8192;
/** A key has one place in each row, and its count is the smaller: both must be shared before it is too large. */
const ROWS = 2;
const PER_UNIT = PLACES * ROWS;
const BYTES_PER_UNIT = PER_UNIT * Int32Array.BYTES_PER_ELEMENT;

/**
 * Counts in memory shared by threads. Each unit writes to a part of its own, so that what a thread had counted when it
 * died can be taken back with {@link SharedCounter.forget}.
 *
 * Memory is fixed, whatever the number of keys: a count-min sketch (Cormode and Muthukrishnan, 2005). A count is never
 * too small; it is too large only while a key collides with others in both rows.
 *
 * @example
 * const memory = SharedCounter.memory(4); // in the process; given to each of its 4 threads
 * const counter = new SharedCounter(memory, 2); // in the third
 */
export class SharedCounter implements ConnectionCounter {
  readonly #counts: Int32Array;
  readonly #base: number;

  /** @param unit Which of the units the memory was made for this one is, from 0. */
  constructor(memory: SharedArrayBuffer, unit: number) {
    this.#counts = new Int32Array(memory);
    this.#base = unit * PER_UNIT;
    if (this.#base + PER_UNIT > this.#counts.length) throw new RangeError(`The memory has no part for unit ${unit}.`);
  }

  /**
   * Memory for so many units: 64 KiB each.
   *
   * @param most Units that {@link SharedCounter.grow} can make of them. Default: no more.
   */
  static memory(units: number, most: number = units): SharedArrayBuffer {
    return new SharedArrayBuffer(units * BYTES_PER_UNIT, { maxByteLength: most * BYTES_PER_UNIT });
  }

  /** Makes room for so many units; counters that use the memory go on. */
  static grow(memory: SharedArrayBuffer, units: number): void {
    if (memory.byteLength < units * BYTES_PER_UNIT) memory.grow(units * BYTES_PER_UNIT);
  }

  /** Takes back everything a unit counted, once its thread is gone. */
  static forget(memory: SharedArrayBuffer, unit: number): void {
    const counts = new Int32Array(memory, unit * BYTES_PER_UNIT, PER_UNIT);
    for (let place = 0; place < PER_UNIT; place++) Atomics.store(counts, place, 0);
  }

  add(key: string): number {
    let least = Number.POSITIVE_INFINITY;
    for (let row = 0; row < ROWS; row++) {
      const place = row * PLACES + hash(key, row);
      // Add before looking: of two threads that add at once, at least one must see both.
      Atomics.add(this.#counts, this.#base + place, 1);
      let count = 0;
      for (let at = place; at < this.#counts.length; at += PER_UNIT) count += Atomics.load(this.#counts, at);
      least = Math.min(least, count);
    }
    return least;
  }

  remove(key: string): void {
    for (let row = 0; row < ROWS; row++) Atomics.sub(this.#counts, this.#base + row * PLACES + hash(key, row), 1);
  }
}

/** FNV-1a, started differently for each row (http://www.isthe.com/chongo/tech/comp/fnv). */
function hash(key: string, row: number): number {
  let value = 0x811c9dc5 ^ (row * 0x9e3779b9);
  for (let at = 0; at < key.length; at++) value = Math.imul(value ^ key.charCodeAt(at), 0x01000193);
  return ((value >>> 16) ^ value) & (PLACES - 1);
}
