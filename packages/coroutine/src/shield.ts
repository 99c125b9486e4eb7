// Work that a cancel must not cut short.
import { BodyOperation } from "./body.ts";
import type { Op, Result } from "./op.ts";

/**
 * Runs a body that a cancel of the waiting task does not reach, until the grace of its scope is over. Starts even in a
 * task that is being cancelled already, which makes it the way to wait in a `finally`.
 *
 * @example
 * try {
 *   yield* serve(conn);
 * } finally {
 *   yield* shield(function* () { yield* conn.write("bye\n"); });
 * }
 */
export function shield<F extends () => unknown>(body: F): Op<Result<F>> {
  return new BodyOperation<Result<F>>("shield", body, { shielded: true });
}
