// The deferred cleanups of a scope: one after the other, last registered first, each whatever the others do.

import type { Coroutine } from "./coroutine.ts";
import { currentTask } from "./current.ts";
import { launch } from "./launch.ts";
import type { Co } from "./op.ts";
import { suppress } from "./suppressed.ts";

/**
 * Runs every cleanup to its end, as tasks of the current one.
 *
 * @throws The first error, after all of them have run; `suppressed(error)` has the rest.
 */
export function* runCleanups(cleanups: (() => unknown)[]): Co<void> {
  const cleaner = currentTask() as Coroutine;
  let failed = false;
  let first: unknown;
  for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) {
    try {
      yield* launch(cleaner.ensureScope(), cleaner, { name: cleanup.name || "cleanup" }, cleanup, []);
    } catch (error) {
      if (failed) suppress(first, error);
      else first = error;
      failed = true;
    }
  }
  if (failed) throw first;
}
