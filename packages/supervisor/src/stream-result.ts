// What a call by the supervisor makes of a method that answers with a stream: an array, which has to have an end.
import { ThreadCallTimeoutError } from "@plait/thread";
import type { Receiver } from "@plait/thread/channel";
import { StreamTooLongError } from "./errors.ts";

/** Items of a stream that the supervisor takes. */
const LONGEST = 10_000;

/** Whether the result of a call is a stream; data never is, having been cloned. */
export function isStream(result: unknown): result is Receiver<unknown> {
  return typeof result === "object" && result !== null && Symbol.asyncIterator in result;
}

/** Of a call that may take `timeout` ms, and has begun at `since`. */
export interface StreamingCall {
  readonly unit: string;
  readonly method: string;
  readonly timeout: number;
  /** By `performance.now()`. */
  readonly since: number;
}

/**
 * Its items. The stream is closed at the end, however it comes.
 *
 * @throws {StreamTooLongError} when it has more items than are taken
 * @throws {ThreadCallTimeoutError} when it has not ended in time
 */
export async function collect(
  stream: Receiver<unknown>,
  { unit, method, timeout, since }: StreamingCall,
): Promise<unknown[]> {
  const late = () => stream.close(new ThreadCallTimeoutError(unit, method, timeout));
  const timer = setTimeout(late, since + timeout - performance.now());
  const items: unknown[] = [];
  try {
    for await (const item of stream) {
      if (items.length === LONGEST) throw new StreamTooLongError(unit, method, LONGEST);
      items.push(item);
    }
    return items;
  } finally {
    clearTimeout(timer);
  }
}
