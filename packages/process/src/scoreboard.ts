// Numbers that a process writes and its supervisor reads, also once the process is gone: a file without a name.
//
// A message that a process has not sent when it is killed is lost with it; what it has written to a file stays. The file
// lies in memory where there is such a place, and is unlinked at once, so that nothing is left of it whoever dies first.
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Linux keeps files in memory. */
const MEMORY = "/dev/shm";

/** What a file takes of its file system at least, in bytes. */
const PAGE = 4096;

/** What a scoreboard says. */
export interface Score {
  /** How often the process's event loop has turned, counted at intervals. */
  readonly beats: number;
  /** The process's own, then those of the {@link ScoreboardBlock}s that its threads have written. */
  readonly numbers: Float64Array;
}

/** The supervisor's side. It owns the file until `close`. */
export class Scoreboard {
  readonly descriptor: number;
  readonly #places: number;
  /** What each record said when it was last read whole, without the sums. */
  #whole: Float64Array;

  /** @param places how many numbers the process has of its own; all are 0 */
  constructor(places: number) {
    this.#places = places;
    this.#whole = new Float64Array(1 + places);
    this.descriptor = openFile((1 + places + 1) * Float64Array.BYTES_PER_ELEMENT);
  }

  /** What the process is writing at this moment says what it said before. */
  read(): Score {
    const written = this.#read();
    let from = 0;
    let to = 0;
    let size = 1 + this.#places;
    while (from + size < written.length) {
      const end = from + size;
      if (this.#whole.length < to + size) this.#whole = longer(this.#whole, to + size);
      if (sum(written, from, end) === written[end]) this.#whole.set(written.subarray(from, end), to);
      from = end + 1;
      to += size;
      size = this.#places;
    }
    return { beats: this.#whole[0] ?? 0, numbers: this.#whole.slice(1) };
  }

  close(): void {
    closeSync(this.descriptor);
  }

  #read(): Float64Array {
    const size = fstatSync(this.descriptor).size / Float64Array.BYTES_PER_ELEMENT;
    const written = new Float64Array(Math.floor(size));
    readSync(this.descriptor, written, 0, written.byteLength, 0);
    return written;
  }
}

/**
 * Numbers that are saved at once, and after them their sum. They are written with one call, which is not one moment to a
 * reader: the writer can lose its processor in the middle of it. The sum does not fit what is half new.
 */
class ScoreboardRecord {
  readonly #numbers: Float64Array;
  readonly #written: Float64Array;
  readonly #descriptor: number;
  readonly #at: number;

  /** @param at where it begins in the file, in bytes */
  constructor(numbers: Float64Array, descriptor: number, at: number) {
    this.#numbers = numbers;
    this.#written = new Float64Array(numbers.length + 1);
    this.#descriptor = descriptor;
    this.#at = at;
  }

  save(): void {
    const { length } = this.#numbers;
    // Add up the copy: other threads may change numbers that they share.
    this.#written.set(this.#numbers);
    this.#written[length] = sum(this.#written, 0, length);
    writeSync(this.#descriptor, this.#written, 0, this.#written.byteLength, this.#at);
  }
}

/** The main thread's side of the process. The supervisor sees the numbers as they were at the last `save`. */
export class ScoreboardEntries {
  readonly numbers: Float64Array;
  /** The beat, then the numbers. */
  readonly #all: Float64Array;
  readonly #record: ScoreboardRecord;

  /** @param descriptor the file's, in this process */
  constructor(places: number, descriptor: number) {
    this.#all = new Float64Array(1 + places);
    this.numbers = this.#all.subarray(1);
    this.#record = new ScoreboardRecord(this.#all, descriptor, 0);
  }

  /** Costs a system call, about 1.4 µs. */
  save(): void {
    this.#record.save();
  }

  /** The event loop has turned. */
  beat(): void {
    this.#all[0] = (this.#all[0] ?? 0) + 1;
    this.save();
  }
}

/** Numbers that a thread of the process writes: one block of several, after the process's own. */
export class ScoreboardBlock {
  readonly numbers: Float64Array;
  readonly #record: ScoreboardRecord;

  /**
   * @param numbers as many as the process has of its own; they may lie in memory that threads share
   * @param block which of the blocks this one is, from 0. One thread at a time saves it
   * @param descriptor the file's, in this process
   */
  constructor(numbers: Float64Array, block: number, descriptor: number) {
    this.numbers = numbers;
    // Before it: the process's own record, which has the beat besides, and the blocks before this one. Each has its sum.
    const before = 1 + (1 + block) * (numbers.length + 1);
    this.#record = new ScoreboardRecord(numbers, descriptor, before * Float64Array.BYTES_PER_ELEMENT);
  }

  /** Costs a system call, about 1.4 µs. */
  save(): void {
    this.#record.save();
  }
}

function sum(numbers: Float64Array, from: number, to: number): number {
  let total = 0;
  for (let place = from; place < to; place++) total += numbers[place] ?? 0;
  return total;
}

function longer(numbers: Float64Array, length: number): Float64Array {
  const longer = new Float64Array(length);
  longer.set(numbers);
  return longer;
}

/** A file of so many zero bytes that has no name any more: in memory, or on the disk where there is no room. */
function openFile(size: number): number {
  try {
    return openFileIn(MEMORY, size);
  } catch {
    return openFileIn(tmpdir(), size);
  }
}

function openFileIn(parent: string, size: number): number {
  const folder = mkdtempSync(join(parent, "plait-"));
  const path = join(folder, "scoreboard");
  try {
    const descriptor = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    try {
      // Take the room now: where there is none any more, a process would fail at its first connection.
      writeSync(descriptor, new Uint8Array(PAGE));
      ftruncateSync(descriptor, size);
      return descriptor;
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  } finally {
    rmdirSync(folder);
  }
}
