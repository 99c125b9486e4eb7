// Delivering a cancel: to a task, to everything it owns, and past the shields and promises that stand in the way.
import type { Coroutine } from "./coroutine.ts";
import { Overdue } from "./deadline.ts";
import type { Cancelled } from "./errors.ts";
import { Extras } from "./extras.ts";
import type { EndListener } from "./join.ts";
import { loop } from "./loop.ts";
import { Mode, Status } from "./mode.ts";
import type { Operation } from "./operation.ts";
import { link, type Waiter } from "./waiter.ts";

/**
 * Cancels a task and the tasks below it, from the top down. Shielded tasks below are passed over until the grace of
 * their scope is over; the task itself is cancelled even when shielded if `insist` says so.
 */
export function interruptTree(top: Coroutine, cancelled: Cancelled, insist: boolean): void {
  const stack: Coroutine[] = [];
  if (insist || !isSheltered(top)) stack.push(top);
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    if (task.mode === Mode.done || task.cancelled !== null) continue;
    interruptOne(task, cancelled);
    for (let child = task.scope?.newest ?? null; child !== null; child = child.older) {
      if (!isSheltered(child)) stack.push(child);
    }
  }
}

function isSheltered(task: Coroutine): boolean {
  if (!task.shielded) return false;
  task.owner.limitShield(task);
  return true;
}

/** What the cancel does depends on where the task stands; a task that is ready or running hears of it at its next wait. */
function interruptOne(task: Coroutine, cancelled: Cancelled): void {
  task.cancelled = cancelled;
  const { extras } = task;
  extras?.controller?.abort(cancelled);
  if (extras?.awaiters !== undefined && extras.awaiters.size > 0) {
    task.deliver();
    for (const awaiter of [...extras.awaiters]) awaiter.interrupt(cancelled);
  }
  if (task.mode === Mode.parked) {
    const op = task.op as Operation<unknown>;
    if (op.isCancellable(task) && op.withdraw(task)) {
      task.deliver();
      task.fail(cancelled);
    }
  } else if (extras?.held) {
    extras.held = false;
    loop.push(task);
  } else if (task.mode === Mode.ended) {
    // Its body was through, but tasks of its own are cut short: that is no success.
    if (task.status === Status.fulfilled && task.scope?.working) task.status = Status.cancelled;
  } else if (task.mode === Mode.promise) {
    interruptPromise(task);
  }
}

/** An async function ends when it wants to: free those who must not wait for that, and report it if it takes too long. */
function interruptPromise(task: Coroutine): void {
  task.extras ??= new Extras();
  const { verdict } = task.extras;
  // A turn later: if its own waits were all it waited on, it has unwound by then.
  if (verdict !== undefined) setImmediate(() => releaseStuck(task, verdict.error));
  task.extras.grace ??= new Overdue(task, task.owner.grace);
}

/** Lets waiters go that a deadline can't free otherwise: a foreign promise does not stop for it. */
function releaseStuck(task: Coroutine, error: unknown): void {
  if (task.mode !== Mode.promise || (task.extras?.awaiters?.size ?? 0) > 0) return;
  let staying: Waiter | null = null;
  for (let waiter = task.joiners; waiter !== null; waiter = task.joiners) {
    task.removeJoiner(waiter);
    const op = waiter.op as Operation<unknown> & EndListener;
    if (op.release === undefined) {
      staying = link(staying, waiter);
      continue;
    }
    op.release(waiter, error);
    // The deadline's error has been told; any other the task may still end with has not.
    if (task.extras !== null) task.extras.released = true;
  }
  task.joiners = staying;
  loop.drainNow();
}
