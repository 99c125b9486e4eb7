// The time the scheduler lives by: the host's by default, a test's own when one is installed.
import { performance } from "node:perf_hooks";

/** A source of time in milliseconds, and one alarm. */
export interface Clock {
  now(): number;
  /** Calls `fire` once at a time of this clock, instead of the alarm set before. */
  arm(at: number, fire: () => void): void;
  /** Whether the alarm may keep the process alive. An alarm nobody waits for is left to go off unheard. */
  hold(held: boolean): void;
  /** Takes the alarm back. */
  disarm(): void;
}

/** Longest delay the host's timer takes: it reads anything above as 1 ms. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The host's monotonic clock and one host timer. */
export class HostClock implements Clock {
  #timer: NodeJS.Timeout | undefined;

  now(): number {
    return performance.now();
  }

  arm(at: number, fire: () => void): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    const delay = Math.ceil(at - performance.now());
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        fire();
      },
      Math.min(Math.max(delay, 1), LONGEST_DELAY_MS),
    );
  }

  hold(held: boolean): void {
    if (held) this.#timer?.ref();
    else this.#timer?.unref();
  }

  disarm(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
