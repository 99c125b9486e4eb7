// The most time that something may take.
import { InvalidArgumentError } from "@plait/coroutine";

/** Node's timers hold no more: 24.8 days. */
const LONGEST = 2 ** 31 - 1;

/**
 * A limit that a caller gives: calls `onOver` when the time is over. Returns what takes that back.
 *
 * @param ms undefined, Infinity, or more than a timer holds: never
 * @throws {InvalidArgumentError} for what is no time
 */
export function timeLimit(ms: number | undefined, onOver: (ms: number) => void): () => void {
  if (ms === undefined) return () => {};
  if (!(typeof ms === "number" && ms >= 0)) {
    throw new InvalidArgumentError(`A timeout can't be ${ms}. Give milliseconds from 0 on, or Infinity for none.`);
  }
  if (ms > LONGEST) return () => {};
  const timer = setTimeout(onOver, ms, ms);
  return () => clearTimeout(timer);
}

/** What a promise gives; undefined when that takes longer than so many ms. */
export async function atMost<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
