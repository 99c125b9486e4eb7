// Importing this makes waiting convenient and blocking visible: `yield* promise`, and a report for every blocking call.
import type { Op } from "./op.ts";
import { addPromiseWait, removePromiseWait } from "./promise-wait.ts";
import { type BlockingCalls, guardSyncCalls, releaseSyncCalls } from "./sync-guard.ts";

export { BlockingCallError, type BlockingCalls } from "./sync-guard.ts";

declare global {
  interface Promise<T> {
    /** Lets a coroutine wait with `yield* promise`; there while `@plait/coroutine/patch` is. */
    [Symbol.iterator](): Iterator<Op<unknown>, T, unknown>;
  }
}

export interface PatchOptions {
  /**
   * What a blocking call inside a task does: `report` it as a process warning, once per place; `throw`
   * {@link BlockingCallError} instead of calling; or `allow` it. Default: `report`.
   */
  blockingCalls?: BlockingCalls;
}

/**
 * Applies the patch, or changes its options. Importing the module has applied it already. It replaces no library's
 * behaviour: promises get one method more, and blocking functions do what they did, after the report.
 *
 * @example
 * import { patch } from "plait/patch";
 * patch({ blockingCalls: "throw" });
 */
export function patch(options: PatchOptions = {}): Disposable {
  addPromiseWait();
  guardSyncCalls(options.blockingCalls ?? "report");
  return { [Symbol.dispose]: unpatch };
}

/** Takes the patch back, all of it. */
export function unpatch(): void {
  removePromiseWait();
  releaseSyncCalls();
}

patch();
