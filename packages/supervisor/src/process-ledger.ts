// Adds up what happened to the connections of each slot, over all the processes that it had.
//
// total = being served + waiting + ended, by outcome + lost, at any time and for every slot. What a process had not
// finished when it ended is lost with it, however it ended: its book outlives it.
import { readBook } from "./connection-book.ts";
import { addCounts, nothingCounted, type ProcessCounts, type RemovedSlot } from "./status.ts";

/** Reads an incarnation's book, also when it is gone. */
export type ReadNumbers = () => Float64Array;

/** Counters by slot and incarnation. It owns nothing. */
export class ProcessLedger {
  readonly #living = new Map<string, Map<number, ReadNumbers>>();
  /** Of all that have ended. */
  readonly #ended = new Map<string, ProcessCounts>();

  /** An incarnation has started. */
  open(unit: string, incarnation: number, numbers: ReadNumbers): void {
    const living = this.#living.get(unit) ?? new Map<number, ReadNumbers>();
    living.set(incarnation, numbers);
    this.#living.set(unit, living);
  }

  /** Closes the book of an incarnation that is gone. */
  close(unit: string, incarnation: number): void {
    const numbers = this.#living.get(unit)?.get(incarnation);
    if (!numbers) return;
    this.#living.get(unit)?.delete(incarnation);
    const { connections, waiting, ...last } = readBook(numbers());
    const ended = { ...last, connections: 0, waiting: 0, lost: last.lost + connections + waiting };
    this.#ended.set(unit, addCounts(this.#ended.get(unit) ?? nothingCounted, ended));
  }

  /** The counters of every slot but those. */
  others(units: readonly string[]): readonly RemovedSlot[] {
    // A slot stays among the living ones, in the order in which they came.
    return [...this.#living.keys()].filter((unit) => !units.includes(unit)).map((unit) => ({ unit, ...this.of(unit) }));
  }

  /** A slot's counters: of its running process, of those beside it, and of all before. */
  of(unit: string): ProcessCounts {
    const living = [...(this.#living.get(unit)?.values() ?? [])].map((numbers) => readBook(numbers()));
    return living.reduce(addCounts, this.#ended.get(unit) ?? nothingCounted);
  }
}
