// The run loop: which task runs next, for how long, and when the event loop gets its turn.
//
// 1. A woken task joins the ready queue; the first one arms a drain, as a microtask.
// 2. A drain steps ready tasks until none is left or its time slice is over; then the rest waits for `setImmediate`,
//    which lets libuv poll. So I/O waits for one slice and one step at most.
// 3. A callback at the top of a turn (a timer, an I/O callback) drains on the spot instead: no microtask, no delay.
// 4. Microtasks can follow each other without end, so after a number of them the next drain goes through
//    `setImmediate` too.
import { currentContext, enterContext } from "./async-context.ts";
import type { Coroutine } from "./coroutine.ts";
import { Progress } from "./progress.ts";
import { ReadyQueue } from "./ready-queue.ts";
import { Timers } from "./timers.ts";

/** Time a drain may take before libuv gets to poll. Long enough to amortise the turn, short beside a network hop. */
const SLICE_MS = 2;
/** Steps between two looks at the clock, while steps are short. */
const STEPS_PER_CHECK = 32;
/** Ready operations one step may pass before the task goes to the back of the queue (Tokio's figure). */
const OPERATIONS_PER_STEP = 128;
/** Drains in a row that microtasks may start. */
const MICROTASK_DRAINS = 128;
/** Tasks that may run inside each other's step (`start: "now"`); the next one is queued instead. */
const NESTED_STEPS = 64;

const IDLE = 0;
const MICROTASK = 1;
const IMMEDIATE = 2;
const DRAINING = 3;

/** One per thread: see the file's first lines for the order of things. */
export class Loop {
  /** The task whose body is executing right now. */
  running: Coroutine | null = null;
  /** Ready operations the running step may still pass. */
  budget = 0;
  /** Milliseconds of the loop's clock, as coarse as the checks: cheap enough to stamp every wait with. */
  stamp = 0;
  /** Makes a step in place of the loop, with instruments around it. */
  observe: ((task: Coroutine) => void) | null = null;
  /** Shared memory in which a watchdog sees who runs. */
  progress: Int32Array | null = null;
  readonly ready: ReadyQueue = new ReadyQueue();
  readonly timers: Timers = new Timers(() => this.drainNow());
  #state = IDLE;
  #depth = 0;
  #microtaskDrains = 0;

  /** Whether nothing is queued and nothing runs. */
  get idle(): boolean {
    return this.#state === IDLE;
  }

  /** Queues a task for its next step. */
  push(task: Coroutine): void {
    this.ready.push(task);
    if (this.#state === IDLE) this.#arm();
  }

  /** Steps a task inside the caller's own step; queues it when that is nested too deeply. */
  stepNow(task: Coroutine): void {
    if (this.#depth >= NESTED_STEPS) this.push(task);
    else this.#step(task);
  }

  /**
   * Runs what is ready, on the spot. For the top of a host callback only: it does nothing inside a drain, and after a
   * slice it leaves the rest for a later turn.
   */
  drainNow(): void {
    if (this.#state === DRAINING || this.#depth > 0) return;
    if (this.#state === IMMEDIATE || this.ready.size === 0) return;
    this.#microtaskDrains = 0;
    this.#drain();
  }

  #arm(): void {
    if (++this.#microtaskDrains <= MICROTASK_DRAINS) {
      this.#state = MICROTASK;
      queueMicrotask(this.#microtask);
    } else {
      this.#state = IMMEDIATE;
      setImmediate(this.#immediate);
    }
  }

  readonly #microtask = (): void => {
    if (this.#state === MICROTASK) this.#drain();
  };

  readonly #immediate = (): void => {
    this.#microtaskDrains = 0;
    this.#drain();
  };

  #drain(): void {
    this.#state = DRAINING;
    try {
      this.#stepAll();
    } finally {
      // Reached by an exception only when an instrument threw: the tasks still queued must not be stranded by it.
      if (this.ready.size === 0) {
        this.#state = IDLE;
      } else {
        this.#state = IMMEDIATE;
        setImmediate(this.#immediate);
      }
    }
  }

  #stepAll(): void {
    const { ready, timers } = this;
    let checked = timers.now();
    this.stamp = checked | 0;
    const end = checked + SLICE_MS;
    let perCheck = STEPS_PER_CHECK;
    let untilCheck = perCheck;
    for (let task = ready.shift(); task !== undefined; task = ready.shift()) {
      this.#step(task);
      if (--untilCheck > 0) continue;
      const now = timers.now();
      this.stamp = now | 0;
      if (now >= end) return;
      // Long steps: look after each one. Short ones: the clock costs more than they do.
      perCheck = now - checked > SLICE_MS / 4 ? 1 : Math.min(perCheck * 2, STEPS_PER_CHECK);
      untilCheck = perCheck;
      checked = now;
    }
  }

  #step(task: Coroutine): void {
    const outer = this.running;
    const outerBudget = this.budget;
    const { progress } = this;
    this.running = task;
    this.budget = OPERATIONS_PER_STEP;
    this.#depth++;
    if (progress !== null) {
      progress[Progress.task] = task.id;
      progress[Progress.steps] = (progress[Progress.steps] as number) + 1;
    }
    const outerContext = currentContext();
    if (task.context !== outerContext) enterContext(task.context);
    try {
      if (this.observe === null) task.step();
      else this.observe(task);
    } finally {
      // Keep what the step put in place with enterWith(), and put back what was there before it.
      const context = currentContext();
      task.context = context;
      if (context !== outerContext) enterContext(outerContext);
      if (progress !== null) progress[Progress.task] = outer === null ? 0 : outer.id;
      this.#depth--;
      this.running = outer;
      this.budget = outerBudget;
    }
  }
}

export const loop: Loop = new Loop();
