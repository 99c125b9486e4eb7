// Notices that connections wait to be accepted, from the turns of the event loop in which some came.

/** Where an event loop is. */
export interface LoopReading {
  /** How many turns it has made. */
  readonly turn: number;
  /** The time, and how long the loop has waited for something to do so far, in ms. */
  readonly now: number;
  readonly idle: number;
}

const TURNS = 8;
const LEAST_BUSY = 0.5;

/**
 * A rush is when connections came in eight turns, one behind the other, in which the loop was busy for at least half of the
 * time: one that accepts whoever comes at once has to wait between two of them.
 */
export class ArrivalRush {
  #first: LoopReading | undefined;
  #turn = -1;

  /** Call it for every connection, or the first of each turn. Returns whether there is a rush; every eighth turn can say so. */
  note({ turn, now, idle }: LoopReading): boolean {
    if (turn === this.#turn) return false;
    const isNext = turn === this.#turn + 1;
    this.#turn = turn;
    const first = this.#first;
    if (!first || !isNext) {
      this.#first = { turn, now, idle };
      return false;
    }
    if (turn - first.turn < TURNS) return false;
    this.#first = { turn, now, idle };
    return idle - first.idle <= (1 - LEAST_BUSY) * (now - first.now);
  }
}
