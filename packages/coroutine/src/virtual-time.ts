// Tests that take no time: an hour of backoff in a millisecond.
import { HostClock } from "./clock.ts";
import { loop } from "./loop.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface VirtualTime extends Disposable {
  /** Milliseconds of virtual time since it began. */
  readonly now: number;
  /** Moves time on, through every deadline on the way, and waits until what they woke has come to rest. */
  advance(ms: number): Promise<void>;
}

export interface VirtualTimeOptions {
  /** Jumps to the next deadline whenever every task waits. Default: true. */
  autoAdvance?: boolean;
}

/**
 * Puts the thread's tasks on virtual time until the result is disposed of. It drives `sleep`, `timeout`, deadlines and
 * graces; `setTimeout` and Node's I/O stay on real time, and a wait on them does not keep virtual time from jumping.
 *
 * @example
 * using time = virtualTime();
 * await run(function* () { yield* sleep(3_600_000); });
 * time.now // => 3600000
 */
export function virtualTime(options: VirtualTimeOptions = {}): VirtualTime {
  const clock = new VirtualClock(options.autoAdvance ?? true);
  loop.timers.useClock(clock);
  return {
    get now() {
      return clock.now();
    },
    advance: (ms) => clock.advance(ms),
    [Symbol.dispose]() {
      clock.disarm();
      loop.timers.useClock(new HostClock());
    },
  };
}
