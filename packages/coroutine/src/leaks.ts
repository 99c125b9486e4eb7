// What a test has left behind.
import { Awaiter } from "./awaiter.ts";
import { dump } from "./dump.ts";
import { loop } from "./loop.ts";
import { allTasks } from "./tasks.ts";

/** Thrown by {@link checkLeaks}. */
export class LeakError extends Error {
  override readonly name = "LeakError";
  readonly code = "ERR_PLAIT_LEAK";
}

/**
 * Checks that nothing is left in this thread: no task, no timer, no `await` of code outside every task. Waits a turn
 * first, so that what has just ended is gone.
 *
 * @throws {LeakError} Naming what is left.
 * @example
 * afterEach(checkLeaks);
 */
export async function checkLeaks(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  const left: string[] = [];
  if (allTasks().length > 0) left.push(dump());
  else if (loop.timers.size > 0) left.push(`${loop.timers.size} timers`);
  if (Awaiter.outside > 0) left.push(`${Awaiter.outside} awaits outside every task`);
  if (left.length > 0) throw new LeakError(`Left behind, cancel or wait for it before the end:\n${left.join("\n")}`);
}
