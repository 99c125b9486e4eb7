// How a process's heartbeat is judged, for how long it may stand still.
import { lookEvery, type WatchdogLimits } from "@plait/policy";

/** Without a limit there still is a beat, in ms. */
const RELAXED = 5_000;

/** It is reported after half the time that would be its end. @param limit in ms; 0 is never */
export function hangLimits(limit: number): WatchdogLimits {
  return { report: limit / 2, kill: limit };
}

/** Time between two beats, and between two looks, in ms. */
export function beatEvery(limit: number): number {
  return limit === 0 ? RELAXED : lookEvery(hangLimits(limit));
}
