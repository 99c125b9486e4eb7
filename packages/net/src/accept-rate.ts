// How many connections come in a second: in this thread, or across all threads of a process.
import { InvalidArgumentError } from "@plait/coroutine";
import { now } from "@plait/coroutine/unstable";

export interface RateLimit {
  /** Above 0. */
  readonly perSecond: number;
  /** How many may come at once, from 0 on. Default: one second's worth. */
  readonly burst?: number | undefined;
}

/** Takes note of what comes in. */
export interface AcceptRate {
  /**
   * Whether one more may come in now; then it is counted.
   *
   * @throws {InvalidArgumentError} The limit is none.
   */
  allows(limit: RateLimit): boolean;
}

/** For this thread only. A token bucket: full at first. */
export class LocalRate implements AcceptRate {
  #tokens = Number.POSITIVE_INFINITY;
  #at = now();

  allows(limit: RateLimit): boolean {
    checkRate(limit);
    const time = now();
    this.#tokens = Math.min(burstOf(limit), this.#tokens + ((time - this.#at) * limit.perSecond) / 1000);
    this.#at = time;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/**
 * For all threads that share the memory: the same bucket as one number, the moment at which it would be full again (the
 * virtual scheduling algorithm of ITU-T I.371, also known as GCRA), so that one atomic exchange takes a token.
 *
 * @example
 * const memory = SharedRate.memory(2); // in the process, for two listeners
 * const rate = new SharedRate(memory, 1); // in each thread, for the second
 */
export class SharedRate implements AcceptRate {
  readonly #fullAt: BigInt64Array;
  readonly #place: number;

  /**
   * @param place Which of the rates the memory was made for this one is, from 0.
   * @throws {InvalidArgumentError} The memory has no such place.
   */
  constructor(memory: SharedArrayBuffer, place: number) {
    const rates = Math.floor(memory.byteLength / SharedRate.bytes(1));
    if (!(Number.isInteger(place) && place >= 0 && place < rates)) {
      throw new InvalidArgumentError(
        `The memory has no place for rate ${place}, but for ${rates} rates. Make it of SharedRate.bytes(n), and count places from 0.`,
      );
    }
    this.#fullAt = new BigInt64Array(memory, 0, rates);
    this.#place = place;
  }

  /**
   * Bytes that so many rates take.
   *
   * @throws {InvalidArgumentError} It is no whole number of at least 0.
   */
  static bytes(rates: number): number {
    if (!(Number.isSafeInteger(rates) && rates >= 0)) {
      throw new InvalidArgumentError(`There is no memory for ${rates} rates. Give a whole number of at least 0.`);
    }
    return rates * BigInt64Array.BYTES_PER_ELEMENT;
  }

  /** Memory for so many rates; see `bytes`. */
  static memory(rates: number): SharedArrayBuffer {
    return new SharedArrayBuffer(SharedRate.bytes(rates));
  }

  allows(limit: RateLimit): boolean {
    checkRate(limit);
    const token = BigInt(Math.round(1e9 / limit.perSecond));
    const depth = token * BigInt(Math.floor(burstOf(limit)));
    for (;;) {
      // The one clock that all threads share.
      const time = process.hrtime.bigint();
      const fullAt = Atomics.load(this.#fullAt, this.#place);
      // How long it takes to fill up, with one token less.
      const missing = (fullAt > time ? fullAt - time : 0n) + token;
      const after = time + missing;
      if (missing > depth) return false;
      if (Atomics.compareExchange(this.#fullAt, this.#place, fullAt, after) === fullAt) return true;
    }
  }
}

/** @throws {InvalidArgumentError} The limit is none. */
export function checkRate(limit: RateLimit): void {
  const { perSecond } = limit;
  const burst = burstOf(limit);
  if (!(Number.isFinite(perSecond) && perSecond > 0)) {
    throw new InvalidArgumentError(`A rate can't be ${perSecond} a second. Give a number above 0.`);
  }
  if (!(Number.isFinite(burst) && burst >= 0)) {
    throw new InvalidArgumentError(`A rate can't let ${burst} come at once. Give a number from 0 on.`);
  }
}

function burstOf({ perSecond, burst = Math.max(1, perSecond) }: RateLimit): number {
  return burst;
}
