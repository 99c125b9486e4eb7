// Where tasks were spawned: off by default, because a stack per task costs more than the task.
import { join, sep } from "node:path";
import type { Coroutine } from "./coroutine.ts";
import { Extras } from "./extras.ts";

/** Where this package's own frames are, as built and as source maps show them. */
const own = ["src", "dist"].map((folder) => join(import.meta.dirname, "..", folder, sep));

let tracing = 0;

/** Whether spawn sites are being recorded. */
export function spawnsAreTraced(): boolean {
  return tracing > 0;
}

/**
 * Records the line that spawns each task, for `tasks()` and `dump()`, until the result is disposed of. For finding out,
 * not for production: a spawn then costs microseconds.
 */
export function traceSpawns(): Disposable {
  tracing++;
  let on = true;
  return {
    [Symbol.dispose]() {
      if (on) tracing--;
      on = false;
    },
  };
}

/** Notes the caller of the runtime's own functions as the place a task comes from. */
export function recordSpawn(task: Coroutine): void {
  const { stack = "" } = new Error();
  const frames = stack.split("\n").slice(1);
  const outside = frames.find((frame) => !own.some((folder) => frame.includes(folder)));
  task.extras ??= new Extras();
  task.extras.spawnedAt = outside?.trim().replace(/^at /, "");
}
