// How long to wait before the next restart: exponential growth with decorrelated jitter.

/** Where random numbers come from: uniform in [0, 1), like `Math.random`. Pass a seeded one to replay a run. */
export type RandomSource = () => number;

/** The shape of a growing wait. All times in milliseconds. */
export interface BackoffLimits {
  /** The shortest wait, and the base of the growth. Default 100. */
  readonly initial: number;
  /** Growth per attempt, at least 1 (1 waits `initial` every time). Default 2. */
  readonly factor: number;
  /** The longest wait. Default 30 000. */
  readonly cap: number;
  /** Healthy this long, a slot starts again from `initial`. Default 60 000. */
  readonly resetAfter: number;
}

/** 100 ms, doubling, at most 30 s, back to 100 ms after a minute of health. */
export const defaultBackoff: BackoffLimits = { initial: 100, factor: 2, cap: 30_000, resetAfter: 60_000 };

/**
 * The next wait in milliseconds, given the one before (`undefined` for the first).
 *
 * Uniform between `initial` and `previous × (2 × factor − 1)`, never above `cap`. With factor 2 this is the decorrelated
 * jitter of "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015): units that died together do not come back
 * together, and a slot's waits do not depend on how many others are waiting.
 *
 * @example
 * ```ts
 * nextDelay(defaultBackoff, undefined, () => 0.5); // => 200
 * nextDelay(defaultBackoff, 200, () => 0.5); // => 350
 * ```
 */
export function nextDelay(limits: BackoffLimits, previous: number | undefined, random: RandomSource): number {
  const highest = Math.min(limits.cap, (previous ?? limits.initial) * (2 * limits.factor - 1));
  const lowest = Math.min(limits.initial, limits.cap);
  return Math.round(lowest + random() * Math.max(0, highest - lowest));
}
