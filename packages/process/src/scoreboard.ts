// Numbers that a process writes and its supervisor reads, also once the process is gone: a file without a name.
//
// A message that a process has not sent when it is killed is lost with it; what it has written to a file stays. The file
// lies in memory where there is such a place, and is unlinked at once, so that nothing is left of it whoever dies first.
import { accessSync, closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Linux keeps files in memory. */
const MEMORY = "/dev/shm";

/** What a scoreboard says. */
export interface Score {
  /** How often the process's event loop has turned, counted at intervals. */
  readonly beats: number;
  readonly numbers: Float64Array;
}

/** The supervisor's side. It owns the file until `close`. */
export class Scoreboard {
  readonly descriptor: number;
  readonly #places: number;

  /** @param places how many numbers it has; all are 0 */
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
      if (again.every((number, place) => number === numbers[place])) break;
      numbers = again;
    }
    return { beats: numbers[0] ?? 0, numbers: numbers.subarray(1) };
  }

  close(): void {
    closeSync(this.descriptor);
  }

  #read(): Float64Array {
    const numbers = new Float64Array(1 + this.#places);
    readSync(this.descriptor, numbers, 0, numbers.byteLength, 0);
    return numbers;
  }
}

/** The process's side. The supervisor sees the numbers as they were at the last `save`. */
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

const MOST_READS = 5;

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
