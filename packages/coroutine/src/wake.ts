// Waking from a host callback, with no microtask between the event and the task's next step.
import { loop } from "./loop.ts";
import type { Waiter } from "./waiter.ts";

/**
 * Resumes a waiter and, at the top of a host callback, runs it before returning. Inside a task's own step it only
 * queues the waiter, so it is safe wherever a callback may be called from.
 */
export function resumeNow(waiter: Waiter, value: unknown): void {
  waiter.resume(value);
  loop.drainNow();
}

/** Fails a waiter the way {@link resumeNow} resumes one. */
export function failNow(waiter: Waiter, error: unknown): void {
  waiter.fail(error);
  loop.drainNow();
}

/** Begins a host callback that ends with {@link wakeAll}, whatever happens in between: waking needs no microtask then. */
export function collectWakes(): void {
  loop.collect();
}

/** Runs the tasks that `resume` and `fail` have queued during a host callback which woke several. */
export function wakeAll(): void {
  loop.drainNow();
}
