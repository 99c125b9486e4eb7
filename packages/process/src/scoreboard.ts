// Numbers that a process writes and its supervisor reads, also once the process is gone: a file without a name.
//
// A message that a process has not sent when it is killed is lost with it; what it has written to a file stays. The file
// lies in memory where there is such a place, and is unlinked at once, so that nothing is left of it whoever dies first.
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Linux keeps files in memory. */
const MEMORY = "/dev/shm";

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

  /** @param places how many numbers the process has of its own; all are 0 */
  constructor(places: number) {
    this.#places = places;
    const folder = mkdtempSync(join(isWritable(MEMORY) ? MEMORY : tmpdir(), "plait-"));
    try {
      this.descriptor = openSync(join(folder, "scoreboard"), "wx+", 0o600);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  read(): Score {
    let numbers = this.#read();
    // The process may be in the middle of a write: believe only what was read twice.
    for (let tries = 0; tries < MOST_READS; tries++) {
      const again = this.#read();
      const isSame = again.every((number, place) => number === numbers[place]);
      numbers = again;
      if (isSame) break;
    }
    return { beats: numbers[0] ?? 0, numbers: numbers.subarray(1) };
  }

  close(): void {
    closeSync(this.descriptor);
  }

  #read(): Float64Array {
    const written = Math.floor(fstatSync(this.descriptor).size / Float64Array.BYTES_PER_ELEMENT);
    const numbers = new Float64Array(Math.max(1 + this.#places, written));
    readSync(this.descriptor, numbers, 0, numbers.byteLength, 0);
    return numbers;
  }
}

/** The main thread's side of the process. The supervisor sees the numbers as they were at the last `save`. */
export class ScoreboardEntries {
  readonly numbers: Float64Array;
  /** The beat, then the numbers. */
  readonly #all: Float64Array;
  readonly #descriptor: number;

  /** @param descriptor the file's, in this process */
  constructor(places: number, descriptor: number) {
    this.#all = new Float64Array(1 + places);
    this.numbers = this.#all.subarray(1);
    this.#descriptor = descriptor;
  }

  /** Costs a system call, about 1.4 µs. */
  save(): void {
    writeSync(this.#descriptor, this.#all, 0, this.#all.byteLength, 0);
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
  readonly #descriptor: number;
  readonly #at: number;

  /**
   * @param numbers as many as the process has of its own; they may lie in memory that threads share
   * @param block which of the blocks this one is, from 0. One thread at a time saves it
   * @param descriptor the file's, in this process
   */
  constructor(numbers: Float64Array, block: number, descriptor: number) {
    this.numbers = numbers;
    this.#descriptor = descriptor;
    this.#at = Float64Array.BYTES_PER_ELEMENT + (1 + block) * numbers.byteLength;
  }

  /** Costs a system call, about 1.4 µs. */
  save(): void {
    writeSync(this.#descriptor, this.numbers, 0, this.numbers.byteLength, this.#at);
  }
}

/** A process that writes without a pause changes them between two reads now and then: ask again, it costs microseconds. */
const MOST_READS = 50;

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
