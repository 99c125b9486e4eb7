// The most time that a call may take, as its caller says it.

/** Node's timers hold no more: 24.8 days. */
const LONGEST = 2 ** 31 - 1;

/**
 * Calls `onOver` when the time is over. Returns what takes that back.
 *
 * @param ms undefined, Infinity, or more than a timer holds: never
 * @throws {RangeError} for what is no time
 */
export function timeLimit(ms: number | undefined, onOver: (ms: number) => void): () => void {
  if (ms === undefined) return () => {};
  if (!(ms >= 0)) throw new RangeError(`A timeout can't be ${ms}. Give milliseconds from 0 on, or Infinity for none.`);
  if (ms > LONGEST) return () => {};
  const timer = setTimeout(onOver, ms, ms);
  return () => clearTimeout(timer);
}
