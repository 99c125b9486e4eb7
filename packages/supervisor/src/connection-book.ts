// Enters every connection that a process accepts, or one of its threads, and how it ended, where the supervisor can read it.
import type { OutcomeCounts } from "@plait/net";
import type { ProcessCounts } from "./status.ts";

/** Where each number stands. */
const TOTAL = 0;
const WAITING = 1;
const LOST = 2;
const FIRST_OUTCOME = 3;

const places: Readonly<Record<keyof OutcomeCounts, number>> = {
  served: FIRST_OUTCOME,
  goodbye: FIRST_OUTCOME + 1,
  reset: FIRST_OUTCOME + 2,
  timeout: FIRST_OUTCOME + 3,
  limit: FIRST_OUTCOME + 4,
  invalid: FIRST_OUTCOME + 5,
  cancelled: FIRST_OUTCOME + 6,
  failed: FIRST_OUTCOME + 7,
};

/** How many numbers a book has. */
export const bookPlaces: number = FIRST_OUTCOME + Object.keys(places).length;

/** Where a book is kept. */
export interface BookEntries {
  readonly numbers: Float64Array;
  /** Makes the numbers known to whoever reads them. */
  save(): void;
}

/** The connections that one thread has accepted. It owns nothing. */
export class ConnectionBook {
  readonly #entries: BookEntries;
  #saving = false;

  constructor(entries: BookEntries) {
    this.#entries = entries;
  }

  /** A connection was accepted. */
  accept(): void {
    this.#count(TOTAL);
    // At once: whatever becomes of this process from here on, the connection is known.
    this.#entries.save();
  }

  /** A connection ended with an outcome, or with its thread: "lost". */
  end(outcome: string): void {
    this.#count(outcome in places ? places[outcome as keyof OutcomeCounts] : LOST);
    this.#saveSoon();
  }

  /** How many wait for a coroutine. */
  set waiting(count: number) {
    const { numbers } = this.#entries;
    if (numbers[WAITING] === count) return;
    numbers[WAITING] = count;
    this.#saveSoon();
  }

  #count(place: number): void {
    const { numbers } = this.#entries;
    numbers[place] = (numbers[place] ?? 0) + 1;
  }

  /** Many end in one turn of the event loop: one save does for all. */
  #saveSoon(): void {
    if (this.#saving) return;
    this.#saving = true;
    setImmediate(() => {
      this.#saving = false;
      this.#entries.save();
    });
  }
}

/** Whoever kept the book is gone: what had not ended is lost. */
export function loseOpen(numbers: Float64Array): void {
  const { connections, waiting, lost } = readBook(numbers);
  numbers[LOST] = lost + connections + waiting;
  numbers[WAITING] = 0;
}

/**
 * What the numbers of one book say, or of several that follow each other. What has neither ended nor waits is being
 * served.
 */
export function readBook(numbers: Float64Array): ProcessCounts {
  const at = (place: number) => {
    let sum = 0;
    for (let first = 0; first < numbers.length; first += bookPlaces) sum += numbers[first + place] ?? 0;
    return sum;
  };
  const outcomes = Object.fromEntries(Object.entries(places).map(([outcome, place]) => [outcome, at(place)]));
  const ended = Object.values(outcomes).reduce((sum, count) => sum + count, at(LOST));
  const waiting = at(WAITING);
  return { total: at(TOTAL), connections: at(TOTAL) - ended - waiting, waiting, outcomes, lost: at(LOST) };
}
