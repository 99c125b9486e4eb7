// One test, many orders: tasks that are ready at the same time run in an order drawn from a seed, on virtual time.
import { HostClock } from "./clock.ts";
import { breakDeadlock } from "./deadlock.ts";
import { instrument } from "./instrument.ts";
import { checkLeaks } from "./leaks.ts";
import { loop } from "./loop.ts";
import type { Fn } from "./op.ts";
import { random, randomBelow, seedRandom } from "./random.ts";
import { run } from "./run.ts";
import { quiet, VirtualClock } from "./virtual-clock.ts";

export interface Simulation {
  /** Seed of the first run; each further run takes the next one. Default: a random one. */
  seed?: number;
  /** How many orders to try. Default: 1. */
  runs?: number;
  /** Steps after which a run counts as endless. Default: 1 000 000. */
  maxSteps?: number;
}

export interface Simulated {
  /** Seed of the last run. */
  seed: number;
  /** Steps the last run took. */
  steps: number;
  /** Virtual milliseconds the last run took. */
  elapsed: number;
}

/** A test that failed under one order; run it again with `seed` to see the same. */
export class SimulationError extends Error {
  override readonly name = "SimulationError";
  readonly code = "ERR_PLAIT_SIMULATION";
  readonly seed: number;

  constructor(seed: number, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause);
    super(`Failed with seed ${seed}: ${message}. Pass { seed: ${seed} } to repeat it.`, { cause });
    this.seed = seed;
  }
}

const DEFAULT_MAX_STEPS = 1_000_000;
let simulating = false;

/**
 * Runs a test as a task, on virtual time, with the order of ready tasks and every random choice of the runtime drawn
 * from a seed; and again for as many seeds as asked. A deadlock fails at once, and so does a task or timer left behind.
 * Promises of the host are waited for between virtual steps, not reordered.
 *
 * @throws {SimulationError} With the seed that repeats the failure, and what failed as `cause`.
 * @example
 * await simulate(function* () { yield* transfer(a, b); }, { runs: 100 });
 */
export async function simulate(test: Fn<[]>, options: Simulation = {}): Promise<Simulated> {
  if (simulating) throw new Error("A simulation is already running in this thread. Await it first.");
  simulating = true;
  try {
    const first = options.seed ?? Math.floor(random() * 2 ** 30);
    let last: Simulated = { seed: first, steps: 0, elapsed: 0 };
    for (let i = 0; i < (options.runs ?? 1); i++) {
      last = await simulateOnce(test, first + i, options.maxSteps ?? DEFAULT_MAX_STEPS);
    }
    return last;
  } finally {
    simulating = false;
  }
}

async function simulateOnce(test: Fn<[]>, seed: number, maxSteps: number): Promise<Simulated> {
  const clock = new VirtualClock(true);
  let steps = 0;
  let running = true;
  loop.timers.useClock(clock);
  loop.ready.choose = randomBelow;
  seedRandom(seed);
  using _counter = instrument({
    beforeStep(task) {
      if (++steps === maxSteps) task.cancel(`${maxSteps} steps`);
    },
  });
  try {
    const outcome = run(test).finally(() => {
      running = false;
    });
    const watch = watchForDeadlocks(() => running);
    await outcome;
    await watch;
    if (steps >= maxSteps) throw new Error(`It took more than ${maxSteps} steps`);
    await checkLeaks();
    return { seed, steps, elapsed: clock.now() };
  } catch (error) {
    throw new SimulationError(seed, error);
  } finally {
    running = false;
    loop.ready.choose = undefined;
    clock.disarm();
    loop.timers.useClock(new HostClock());
  }
}

/** The test runner keeps the event loop alive, so its end can't be what shows a deadlock here. */
async function watchForDeadlocks(goesOn: () => boolean): Promise<void> {
  while (goesOn()) {
    await quiet();
    if (goesOn() && loop.idle) breakDeadlock();
  }
}
