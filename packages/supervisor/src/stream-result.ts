// What a call by the supervisor makes of a method that answers with a stream: an array, which has to have an end.
import type { Receiver } from "@plait/thread/channel";
import { StreamTooLongError } from "./errors.ts";

/** Items of a stream that the supervisor takes. */
const LONGEST = 10_000;

/** Whether the result of a call is a stream; data never is, having been cloned. */
export function isStream(result: unknown): result is Receiver<unknown> {
  return typeof result === "object" && result !== null && Symbol.asyncIterator in result;
}

/** @throws {StreamTooLongError} when it has more items than are taken; it is closed then */
export async function collect(unit: string, method: string, stream: Receiver<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) {
    if (items.length < LONGEST) {
      items.push(item);
      continue;
    }
    stream.close();
    throw new StreamTooLongError(unit, method, LONGEST);
  }
  return items;
}
