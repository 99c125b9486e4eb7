// Cycles of waits: found the moment the last one closes, and reported while everything else keeps running.
import type { Coroutine } from "./coroutine.ts";
import { instruments } from "./instruments.ts";
import { Mode } from "./mode.ts";

/** Longest chain of waits that is followed. */
const LONGEST_CHAIN = 1000;

/**
 * The chain of waits that starts at `task` and returns to it, in order; `undefined` when it does not return. Costs
 * O(length of the chain).
 */
export function cycleFrom(task: Coroutine): Coroutine[] | undefined {
  const chain: Coroutine[] = [task];
  for (let next = waitsFor(task); next !== undefined && chain.length < LONGEST_CHAIN; next = waitsFor(next)) {
    if (next === task) return chain;
    chain.push(next);
    // A task that waits for its own children waits for every one of them: for us too, if we are below it.
    if (next.mode === Mode.ended && isWithin(task, next)) return chain;
  }
  return undefined;
}

/** Reports the cycle a task has just closed by waiting for another. */
export function reportCycle(task: Coroutine | undefined): void {
  const cycle = task === undefined ? undefined : cycleFrom(task);
  if (cycle === undefined) return;
  for (const instrument of instruments) instrument.cycle?.(cycle);
  process.emitWarning(`These tasks wait for each other and will never go on: ${describeCycle(cycle)}.`, {
    code: "PLAIT_WAIT_CYCLE",
  });
}

export function describeCycle(cycle: readonly Coroutine[]): string {
  const [first] = cycle;
  const names = cycle.map((task) => `${task.name} (${task.id}) on ${task.waitingOn() ?? "nothing"}`);
  return `${names.join(" → ")} → ${first?.name} (${first?.id})`;
}

/** The one task that has to act before this one can go on, if it is a matter of one. */
function waitsFor(task: Coroutine): Coroutine | undefined {
  if (task.op !== null) return task.op.blockedBy(task);
  const awaiters = task.extras?.awaiters;
  if (awaiters === undefined || awaiters.size !== 1) return undefined;
  const [awaiter] = awaiters;
  return awaiter?.op?.blockedBy(awaiter);
}

function isWithin(task: Coroutine, above: Coroutine): boolean {
  for (let host = task.owner.host; host !== null; host = host.owner.host) if (host === above) return true;
  return false;
}
