// The way in: from ordinary code to the first task.
import { currentTask } from "./current.ts";
import { launch } from "./launch.ts";
import type { Fn, Result } from "./op.ts";
import { root } from "./root.ts";

/**
 * Runs a function as a task of its own and gives a promise of its result: the entry point of a program or a test. The
 * promise settles when the task and everything it owns have ended.
 *
 * @example
 * await run(function* () {
 *   yield* sleep(10);
 * });
 */
export function run<F extends Fn>(main: F, ...args: Parameters<F>): Promise<Result<F>> {
  return launch(root, currentTask(), undefined, main, args).then();
}
