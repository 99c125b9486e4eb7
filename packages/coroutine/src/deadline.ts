// A time after which a task is cancelled.
import type { Coroutine } from "./coroutine.ts";
import { Cancelled } from "./errors.ts";
import { loop } from "./loop.ts";
import { Waiter } from "./waiter.ts";

/** Waits in the timer heap on behalf of a task, and cancels it when the time has come. */
export class Deadline extends Waiter {
  readonly task: Coroutine;
  readonly ms: number;
  /** What it cancelled the task with, `undefined` while it has not. */
  cancelled: Cancelled | undefined = undefined;
  /** What the task waited on at that moment. */
  waitingOn = "";

  constructor(task: Coroutine, ms: number) {
    super();
    this.task = task;
    this.ms = ms;
    loop.timers.add(this, loop.timers.now() + ms);
  }

  resume(): void {
    this.waitingOn = this.task.deepestWait();
    this.cancelled = new Cancelled(`its ${this.ms} ms are over`);
    this.task.interrupt(this.cancelled, true);
  }

  fail(): void {}

  clear(): void {
    if (this.slot >= 0) loop.timers.remove(this);
  }
}
