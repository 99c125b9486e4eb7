// A step with instruments in place: timed, and reported when it took too long.
import type { Coroutine } from "./coroutine.ts";
import { Extras } from "./extras.ts";
import { type Instrument, instruments } from "./instruments.ts";
import { infoOf } from "./tasks.ts";

const DEFAULT_BLOCKED_AFTER_MS = 100;

export function observedStep(task: Coroutine): void {
  const observers = [...instruments];
  for (const observer of observers) observer.beforeStep?.(task);
  const from = performance.now();
  task.step();
  const ms = performance.now() - from;
  task.extras ??= new Extras();
  task.extras.cpuMs += ms;
  for (const observer of observers) {
    observer.afterStep?.(task, ms * 1e6);
    if (ms >= (observer.blockedAfter ?? DEFAULT_BLOCKED_AFTER_MS)) reportBlocked(observer, task, ms);
  }
}

function reportBlocked(observer: Instrument, task: Coroutine, ms: number): void {
  if (observer.blocked === undefined) return;
  const info = infoOf(task, { locations: true });
  observer.blocked({ ms, task: info, stack: info.at.length > 0 ? info.at.join("\n") : undefined });
}
