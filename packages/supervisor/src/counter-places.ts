// Gives each incarnation of a thread a part of the memory in which the threads of a process count connections together.
//
// A part an incarnation, not a part a slot: while a thread is replaced its slot has two, and both count.
import { SharedCounter } from "@plait/net";

/** Threads that count at once, those that are being drained included. The memory for so many is reserved, not taken. */
export const MOST_PLACES = 1024;

/** Owns the memory; a part is in use from the first `of` to `release`. */
export class CounterPlaces {
  readonly memory: SharedArrayBuffer = SharedCounter.memory(1, MOST_PLACES);
  /** Incarnations by their part; a hole is free. */
  readonly #owners: (string | undefined)[] = [];

  /** The number of the incarnation's part; the first to ask claims one for it. */
  of(unit: string, incarnation: number): number {
    const known = this.#owners.indexOf(`${unit}#${incarnation}`);
    if (known >= 0) return known;
    const free = this.#owners.indexOf(undefined);
    const place = free < 0 ? this.#owners.length : free;
    SharedCounter.grow(this.memory, place + 1);
    this.#owners[place] = `${unit}#${incarnation}`;
    return place;
  }

  /** Call it when the incarnation's thread is gone: what it had counted is gone with it. */
  release(unit: string, incarnation: number): void {
    const place = this.#owners.indexOf(`${unit}#${incarnation}`);
    if (place < 0) return;
    this.#owners[place] = undefined;
    SharedCounter.forget(this.memory, place);
  }
}
