// Time that passes only when nothing else can happen.
import type { Clock } from "./clock.ts";
import { loop } from "./loop.ts";

/** Turns of the event loop that must pass without a step before time moves: promises of the host settle in them. */
const QUIET_TURNS = 2;

export class VirtualClock implements Clock {
  readonly #autoAdvance: boolean;
  #now = 0;
  #alarm: { at: number; fire: () => void } | undefined;
  #watching = false;

  constructor(autoAdvance: boolean) {
    this.#autoAdvance = autoAdvance;
  }

  now(): number {
    return this.#now;
  }

  arm(at: number, fire: () => void): void {
    this.#alarm = { at, fire };
    if (this.#autoAdvance && !this.#watching) {
      this.#watching = true;
      void this.#watch();
    }
  }

  hold(): void {}

  disarm(): void {
    this.#alarm = undefined;
  }

  /** Moves time on by `ms`, to each deadline on the way in turn, letting what it wakes come to rest in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await quiet();
    for (let alarm = this.#alarm; alarm !== undefined && alarm.at <= end; alarm = this.#alarm) {
      this.#ring(alarm);
      await quiet();
    }
    this.#now = end;
  }

  async #watch(): Promise<void> {
    while (this.#alarm !== undefined) {
      await quiet();
      // Time stands still while only an alarm that nobody waits for is left.
      if (loop.timers.size === 0) break;
      const alarm: { at: number; fire: () => void } | undefined = this.#alarm;
      if (alarm !== undefined) this.#ring(alarm);
    }
    this.#watching = false;
  }

  #ring(alarm: { at: number; fire: () => void }): void {
    this.#alarm = undefined;
    this.#now = Math.max(this.#now, alarm.at);
    alarm.fire();
  }
}

/** Resolves once the loop has been idle for some turns. */
export async function quiet(): Promise<void> {
  for (let turns = 0; turns < QUIET_TURNS; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!loop.idle) turns = -1;
  }
}
