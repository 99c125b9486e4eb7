// What another thread can see of this one without stopping it: which task is running, and whether it gets anywhere.
import { loop } from "./loop.ts";

/** Places in the shared array: the id of the running task (0: none), and a counter of steps that wraps around. */
export const Progress = { task: 0, steps: 1 } as const;

/**
 * Writes the loop's progress into shared memory, for a watchdog in another thread. A step counter that stands still
 * while `task` is not 0 means that this task has been computing since.
 *
 * @param view At least two elements over a `SharedArrayBuffer`; `undefined` stops writing.
 */
export function shareProgress(view: Int32Array | undefined): void {
  loop.progress = view ?? null;
}
