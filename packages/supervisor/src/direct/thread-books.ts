// Counts the connections that threads accept themselves, in memory that outlives a thread and a file that outlives the
// process.
import { SCOREBOARD, ScoreboardBlock } from "@plait/process/accept";
import type { ThreadStats } from "@plait/thread";
import { type BookEntries, bookPlaces, loseOpen, readBook } from "../connection-book.ts";
import { MOST_PLACES } from "../counter-places.ts";

/** The numbers of one place. Only one thread at a time writes them: the incarnation that has it, then the main thread. */
export function bookAt(memory: SharedArrayBuffer, place: number): ScoreboardBlock {
  const numbers = new Float64Array(memory, place * bookPlaces * Float64Array.BYTES_PER_ELEMENT, bookPlaces);
  return new ScoreboardBlock(numbers, place, SCOREBOARD);
}

/** All books of a process. Its numbers only grow: an incarnation goes on where the one before it in its place ended. */
export class ThreadBooks {
  readonly memory: SharedArrayBuffer = new SharedArrayBuffer(MOST_PLACES * bookPlaces * Float64Array.BYTES_PER_ELEMENT);
  readonly #open = new Map<string, ThreadBook>();

  /** For an incarnation that is about to start. */
  open(unit: string, incarnation: number, place: number): ThreadBook {
    const book = new ThreadBook(bookAt(this.memory, place));
    this.#open.set(`${unit}#${incarnation}`, book);
    return book;
  }

  /** Saves all: what threads have entered and not saved yet. Call it when the process exits. */
  save(): void {
    for (const book of this.#open.values()) book.save();
  }

  /** The incarnation is gone. */
  close(unit: string, incarnation: number): void {
    const key = `${unit}#${incarnation}`;
    this.#open.get(key)?.close();
    this.#open.delete(key);
  }
}

/** One incarnation's book, as the main thread reads it. */
export class ThreadBook {
  readonly #block: BookEntries;
  /** What earlier incarnations in its place have counted. */
  readonly #before: Float64Array;
  #last: ThreadStats | undefined;

  constructor(block: BookEntries) {
    this.#block = block;
    this.#before = block.numbers.slice();
  }

  get stats(): ThreadStats {
    if (this.#last) return this.#last;
    const { total, connections, outcomes, lost } = readBook(
      this.#block.numbers.map((number, place) => number - (this.#before[place] ?? 0)),
    );
    return { total, connections, outcomes, lost };
  }

  save(): void {
    this.#block.save();
  }

  /** What it had not finished is lost with it. */
  close(): void {
    loseOpen(this.#block.numbers);
    this.#last = this.stats;
    this.save();
  }
}
