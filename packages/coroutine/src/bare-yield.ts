// `yield x` without a star, for code that comes from libraries where that is how to wait. Works, but is untyped.
import type { Coroutine } from "./coroutine.ts";
import { Operation, type WaitKind } from "./operation.ts";

/** Waits on whatever one task yielded: an operation or a promise; any other value is given back at once. */
export class BareYield extends Operation<unknown> {
  readonly #yielded: unknown;
  /** The task, until it is woken or withdrawn: a promise can't be told that nobody listens any more. */
  #task: Coroutine | undefined;

  constructor(task: Coroutine, yielded: unknown) {
    super();
    this.#task = task;
    this.#yielded = yielded;
  }

  poll(): boolean {
    return false;
  }

  park(): void {
    const yielded = this.#yielded;
    const task = this.#task;
    if (task === undefined) return;
    if (task.cancelled !== null) {
      if (task.deliver()) task.fail(task.cancelled);
      else task.kill();
    } else if (
      typeof yielded === "object" &&
      yielded !== null &&
      "then" in yielded &&
      typeof yielded.then === "function"
    ) {
      yielded.then(
        (value: unknown) => this.#take()?.resumeBare(value),
        (error: unknown) => this.#take()?.fail(error),
      );
    } else {
      task.resumeBare(yielded);
    }
  }

  withdraw(): boolean {
    this.#task = undefined;
    return true;
  }

  #take(): Coroutine | undefined {
    const task = this.#task;
    this.#task = undefined;
    return task;
  }

  describe(): string {
    return "a bare yield";
  }

  override get kind(): WaitKind {
    return "outside";
  }
}
