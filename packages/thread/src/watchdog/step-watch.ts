// For how long a thread has been in one step of one coroutine: pure logic, told what stands in shared memory.
import { Progress } from "@plait/coroutine/unstable";

/** The step that a thread is in. */
export interface RunningStep {
  /** The coroutine's number, as in a dump. */
  readonly task: number;
  /** For how long it has not given way, in ms: late by one look at most. */
  readonly ms: number;
}

/** One incarnation's steps. Look at them as often as at its beat. */
export class StepWatch {
  readonly #progress: Int32Array<SharedArrayBuffer>;
  #task = 0;
  #steps = 0;
  #since = 0;

  /** @param progress what the thread gave to `shareProgress` */
  constructor(progress: Int32Array<SharedArrayBuffer>) {
    this.#progress = progress;
  }

  look(now: number): void {
    const task = Atomics.load(this.#progress, Progress.task);
    const steps = Atomics.load(this.#progress, Progress.steps);
    if (task === this.#task && steps === this.#steps) return;
    this.#task = task;
    this.#steps = steps;
    this.#since = now;
  }

  /** The step that it was in at the last look; undefined when no generator's was running. */
  running(now: number): RunningStep | undefined {
    return this.#task === 0 ? undefined : { task: this.#task, ms: Math.round(now - this.#since) };
  }
}
