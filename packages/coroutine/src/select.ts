// The first of several operations, by name.
import { Choice } from "./choice.ts";
import type { Op, Value } from "./op.ts";
import { operationOf } from "./operation-of.ts";

/** Which case of a `select` won, and with what: narrow `value` by `key`. */
export type Selected<M> = { [K in keyof M]: { key: K; value: Value<M[K]> } }[keyof M];

/**
 * Waits for the first of several named operations. The others are taken back and have had no effect: a lost receive
 * consumes nothing, a lost send delivers nothing.
 *
 * @param options `fair: false` prefers the cases as listed when several are ready; by default each has the same chance.
 * @throws What the winning operation throws.
 * @example
 * const next = yield* select({ job: jobs.recv(), tick: sleep(1000) });
 * if (next.key === "job") start(next.value);
 */
export function select<M extends Record<string, Op<unknown>>>(cases: M, options?: { fair?: boolean }): Op<Selected<M>> {
  const keys = Object.keys(cases);
  const ops = Object.values(cases).map(operationOf);
  return new Choice<Selected<M>>(
    "select",
    ops,
    // The key came from `cases` and the value from the operation it names.
    (index, value) => ({ key: keys[index], value }) as Selected<M>,
    options?.fair ?? true,
  );
}
