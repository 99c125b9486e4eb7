// What latencies there are, and how they are counted.

/** Upper bounds of the buckets, in ms; one more bucket is for all above. */
export const latencyBounds: readonly number[] = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500];

/**
 * - `accept`: from the accept of a connection to the start of its coroutine.
 * - `scheduling`: how late a coroutine runs that a timer has woken.
 * - `loop`: how late that timer itself is.
 */
export const latencyKinds = ["accept", "scheduling", "loop"] as const;
export type LatencyKind = (typeof latencyKinds)[number];

export interface Latency {
  /** How many fell into each bucket. */
  readonly buckets: readonly number[];
  readonly sumMs: number;
}

export type Latencies = Readonly<Record<LatencyKind, Latency>>;
