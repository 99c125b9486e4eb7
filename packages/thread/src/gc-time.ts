// How long garbage collection has held a thread up: a number in shared memory that the thread adds to.
import { PerformanceObserver } from "node:perf_hooks";

/** In ms, since the thread started. */
export type GcTime = Float64Array<SharedArrayBuffer>;

export function newGcTime(): GcTime {
  return new Float64Array(new SharedArrayBuffer(8));
}

/** Adds up until the thread ends, and does not keep it alive. */
export function addUpGc(time: GcTime): void {
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) time[0] = (time[0] ?? 0) + duration;
  });
  observer.observe({ entryTypes: ["gc"] });
}
