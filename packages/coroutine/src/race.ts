// The first of several operations.
import { Choice } from "./choice.ts";
import type { Op, Value } from "./op.ts";
import { operationOf } from "./operation-of.ts";

/**
 * Waits for the first of several operations to end, and gives or throws what it ended with. The others are taken back:
 * a receive that lost has consumed nothing. Of those that are ready already, the first listed wins. Racing tasks does
 * not cancel the losers; racing bodies (`timeout`, `scope`) does.
 *
 * @example
 * const reply = yield* race([primary.recv(), backup.recv()]);
 */
export function race<const T extends readonly Op<unknown>[]>(ops: T): Op<Value<T[number]>> {
  return new Choice("race", ops.map(operationOf), (_index, value) => value as Value<T[number]>, false);
}
