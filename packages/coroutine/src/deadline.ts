// A time after which a task is cancelled.
import type { Coroutine } from "./coroutine.ts";
import { Cancelled, TimeoutError } from "./errors.ts";
import { loop } from "./loop.ts";
import { Waiter } from "./waiter.ts";

/** Waits in the timer heap on behalf of a task, and cancels it when the time has come. */
export class Deadline extends Waiter {
  readonly task: Coroutine;
  readonly ms: number;

  constructor(task: Coroutine, ms: number) {
    super();
    this.task = task;
    this.ms = ms;
    loop.timers.add(this, loop.timers.now() + ms);
  }

  resume(): void {
    const { task, ms } = this;
    task.failWith(new TimeoutError(ms, task.deepestWait()));
  }

  fail(): void {}

  clear(): void {
    if (this.slot >= 0) loop.timers.remove(this);
  }
}

/** Ends the shield of a task that outstays the grace of its scope. */
export class Grace extends Deadline {
  override resume(): void {
    const { task, ms } = this;
    process.emitWarning(
      `Task "${task.name}" (${task.id}) is shielded from a cancel of ${ms} ms ago and is cut short on ${task.deepestWait()}. ` +
        "Give its scope a longer grace, or make its cleanup faster.",
      { code: "PLAIT_GRACE_OVER" },
    );
    task.interrupt(new Cancelled(`the grace of ${ms} ms is over`), true);
  }
}

/** Reports an async task that was cancelled and has not ended within the grace: nothing can make it. */
export class Overdue extends Deadline {
  override resume(): void {
    const { task, ms } = this;
    process.emitWarning(
      `Task "${task.name}" (${task.id}) was cancelled ${ms} ms ago and still waits on ${task.deepestWait()}. ` +
        "Give what it awaits the task's signal, or wait with until().",
      { code: "PLAIT_OVERDUE_TASK" },
    );
  }
}
