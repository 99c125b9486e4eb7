// Hearing how a task ends without a task or a promise of one's own: for whoever starts thousands of them.
import { Coroutine } from "./coroutine.ts";
import type { EndListener } from "./join.ts";
import { Mode } from "./mode.ts";
import { Operation } from "./operation.ts";
import type { Outcome, Task } from "./task.ts";
import { Waiter } from "./waiter.ts";

/** Is told once, when the task that it {@link Witness.watch}es has ended, and all that the task owned with it. */
export abstract class Witness extends Waiter {
  /** The task has ended. Its error, if it has one, has an owner now. */
  abstract ended(outcome: Outcome<unknown>): void;

  /** Watches a task, one at most. Calls `ended` at once if it has ended already. */
  watch(task: Task): void {
    if (!(task instanceof Coroutine)) throw new TypeError("Only a task that was spawned here can be watched.");
    if (task.mode === Mode.done) {
      task.observed = true;
      this.ended(task.outcome as Outcome<unknown>);
      return;
    }
    this.op = end;
    task.addJoiner(this);
  }

  resume(): void {}

  fail(): void {}

  get task(): undefined {
    return undefined;
  }
}

/** One for all: what it has to know is in the witness and in the task. */
class End extends Operation<unknown> implements EndListener {
  get observes(): boolean {
    return true;
  }

  deliver(waiter: Waiter, ended: Coroutine): void {
    waiter.op = null;
    (waiter as Witness).ended(ended.outcome as Outcome<unknown>);
  }

  poll(): boolean {
    return false;
  }

  park(): void {}

  withdraw(): boolean {
    return true;
  }

  describe(): string {
    return "the end of a task";
  }
}

const end = new End();

/**
 * Whether a task that was cancelled waits for a promise that no cancel reaches: its async function goes on when that
 * promise does, or never.
 */
export function outlivesCancel(task: Task): boolean {
  return (
    task instanceof Coroutine &&
    task.cancelled !== null &&
    task.mode === Mode.promise &&
    (task.extras?.awaiters?.size ?? 0) === 0
  );
}
