// Waiting for time to pass.
import { loop } from "./loop.ts";
import type { Op } from "./op.ts";
import { Operation, type WaitKind } from "./operation.ts";
import type { Waiter } from "./waiter.ts";

class Sleep extends Operation<void> {
  private readonly ms: number;

  constructor(ms: number) {
    super();
    this.ms = ms;
  }

  poll(): boolean {
    return false;
  }

  park(waiter: Waiter): void {
    loop.timers.add(waiter, loop.timers.now() + this.ms);
  }

  withdraw(waiter: Waiter): boolean {
    loop.timers.remove(waiter);
    return true;
  }

  describe(): string {
    return `sleep of ${this.ms} ms`;
  }

  override get kind(): WaitKind {
    return "timer";
  }
}

/**
 * Waits for a time. All sleeping tasks share one timer of the host; `sleep(Infinity)` waits until it is cancelled.
 *
 * @param ms Milliseconds, fractions allowed. Zero or less gives other tasks and I/O a turn, as {@link yieldNow} does.
 * @example
 * yield* sleep(250);
 */
export function sleep(ms: number): Op<void> {
  return ms > 0 ? new Sleep(ms) : yieldNow();
}

class YieldNow extends Operation<void> {
  poll(): boolean {
    return false;
  }

  park(waiter: Waiter): void {
    waiter.resume(undefined);
  }

  withdraw(): boolean {
    return true;
  }

  describe(): string {
    return "its next turn";
  }
}

const nextTurn = new YieldNow();

/**
 * Goes to the back of the queue: every task that is ready runs first. I/O gets its turn within the time slice, however
 * many tasks do nothing but yield.
 */
export function yieldNow(): Op<void> {
  return nextTurn;
}
