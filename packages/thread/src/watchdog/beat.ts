// A thread's heartbeat: a number in shared memory that its event loop counts up for as long as it turns. Beside it, the
// coroutine that is running.
import { shareProgress } from "@plait/coroutine/unstable";

/** What a thread needs to beat. */
export interface Beat {
  readonly count: Int32Array<SharedArrayBuffer>;
  /** The running coroutine's number, and a count of steps: two stores a step, too little to be measured. */
  readonly progress: Int32Array<SharedArrayBuffer>;
  /** Time between two beats, in ms. */
  readonly every: number;
}

export function newBeat(every: number): Beat {
  const cells = new SharedArrayBuffer(12);
  return { count: new Int32Array(cells, 0, 1), progress: new Int32Array(cells, 4, 2), every };
}

/** Beats until the thread ends, and does not keep it alive. */
export function keepBeating({ count, progress, every }: Beat): void {
  shareProgress(progress);
  setInterval(() => Atomics.add(count, 0, 1), every).unref();
}

/** How often it has beaten. */
export function beats({ count }: Beat): number {
  return Atomics.load(count, 0);
}
