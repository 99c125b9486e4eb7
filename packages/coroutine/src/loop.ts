// The run loop: which task runs next, for how long, and when the event loop gets its turn.
//
// 1. A woken task joins the ready queue; the first one arms a drain, as a microtask.
// 2. A drain steps ready tasks until none is left or its time slice is over; then the rest waits for `setImmediate`,
//    which lets libuv poll. So I/O waits for one slice and one step at most.
// 3. A callback at the top of a turn (a timer, an I/O callback) drains on the spot instead, at its end: no delay, and no
//    microtask when it has said so at its beginning.
// 4. Microtasks can follow each other without end, so after a number of them the next drain goes through
//    `setImmediate` too.
import { type AsyncContext, currentContext, enterContext } from "./async-context.ts";
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
/** In a host callback that ends with a drain. */
const COLLECTING = 4;

/** One per thread: see the file's first lines for the order of things. */
export class Loop {
  /** The task whose body is executing right now. */
  running: Coroutine | null = null;
  /** The task that is making its first step inside the step of whoever started it. */
  starting: Coroutine | null = null;
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
  /** The async context that is in place, as far as steps are concerned. */
  #context: AsyncContext = undefined;
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
    if (this.#depth >= NESTED_STEPS) {
      this.push(task);
      return;
    }
    const { running, budget } = this;
    const context = this.#enter();
    try {
      this.#step(task);
    } finally {
      this.#leave(context);
      this.running = running;
      this.budget = budget;
      if (this.progress !== null) this.progress[Progress.task] = running === null ? 0 : running.id;
    }
  }

  /** Arms no drain for what is woken from here on: {@link drainNow} follows in the same host callback. */
  collect(): void {
    if (this.#state === IDLE && this.#depth === 0) this.#state = COLLECTING;
  }

  /**
   * Runs what is ready, on the spot. For the top of a host callback only: it does nothing inside a drain, and after a
   * slice it leaves the rest for a later turn.
   */
  drainNow(): void {
    if (this.#depth > 0 || this.#state === IMMEDIATE) return;
    if (this.ready.size === 0) {
      if (this.#state === COLLECTING) this.#state = IDLE;
      return;
    }
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
    const context = this.#enter();
    try {
      this.#stepAll();
    } finally {
      this.#leave(context);
      this.running = null;
      if (this.progress !== null) this.progress[Progress.task] = 0;
      // Left by an exception only when an instrument threw: the tasks still queued must not be stranded by it.
      if (this.ready.size === 0) {
        this.#state = IDLE;
      } else {
        this.#state = IMMEDIATE;
        setImmediate(this.#immediate);
      }
    }
  }

  /** Notes the async context steps start from, to be put back by {@link Loop.#leave}. */
  #enter(): AsyncContext {
    this.#depth++;
    this.#context = currentContext();
    return this.#context;
  }

  #leave(context: AsyncContext): void {
    this.#depth--;
    if (this.#context !== context) enterContext(context);
    this.#context = context;
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
    this.running = task;
    this.budget = OPERATIONS_PER_STEP;
    if (task.context !== this.#context) {
      enterContext(task.context);
      this.#context = task.context;
    }
    if (this.progress !== null) this.#noteProgress(this.progress, task);
    if (this.observe === null) task.step();
    else this.observe(task);
    // A step may have put another context in place with enterWith(): it is the task's from here on.
    const context = currentContext();
    if (context !== this.#context) {
      task.context = context;
      this.#context = context;
    }
  }

  #noteProgress(progress: Int32Array, task: Coroutine): void {
    progress[Progress.task] = task.id;
    progress[Progress.steps] = (progress[Progress.steps] as number) + 1;
  }
}

export const loop: Loop = new Loop();
