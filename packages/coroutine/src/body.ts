// An operation that runs a function as a task of its own and waits for it: scopes, timeouts, shields.
import { Coroutine } from "./coroutine.ts";
import { Cancelled } from "./errors.ts";
import type { EndListener } from "./join.ts";
import { start } from "./launch.ts";
import { Status } from "./mode.ts";
import type { Fn } from "./op.ts";
import { Operation } from "./operation.ts";
import { PerWaiter } from "./per-waiter.ts";
import { root } from "./root.ts";
import type { Waiter } from "./waiter.ts";

/** Readies the task before it starts; returns what its function is called with. */
export type Prepare = (task: Coroutine) => readonly unknown[];

/**
 * Each wait runs the function once, in a task the waiting one owns. A cancel of the waiter cancels that task, and the
 * waiter goes on only after it has ended: cleanup is never left behind.
 */
export class BodyOperation<T> extends Operation<T> implements EndListener {
  readonly #what: string;
  readonly #body: Fn;
  readonly #title: string | { readonly name: string };
  readonly #prepare: Prepare | undefined;
  readonly #shielded: boolean;
  readonly #tasks = new PerWaiter<Coroutine>();

  constructor(
    what: string,
    body: Fn,
    options: { title?: string | undefined; prepare?: Prepare; shielded?: boolean } = {},
  ) {
    super();
    this.#what = what;
    this.#body = body;
    this.#title = options.title ?? body;
    this.#prepare = options.prepare;
    this.#shielded = options.shielded ?? false;
  }

  poll(): boolean {
    return false;
  }

  park(waiter: Waiter): void {
    const owner = waiter.task?.ensureScope() ?? root;
    const task = new Coroutine(owner, this.#title, waiter.task);
    task.shielded = this.#shielded;
    this.#tasks.set(waiter, task);
    task.addJoiner(waiter);
    try {
      task.calls(this.#body, this.#prepare?.(task) ?? []);
      start(task, true);
    } catch (error) {
      this.#tasks.delete(waiter);
      waiter.fail(error);
    }
  }

  withdraw(waiter: Waiter): boolean {
    const task = this.#tasks.get(waiter) as Coroutine;
    // A task being cancelled walks its whole tree itself. Any other waiter has merely lost interest.
    if (!waiter.task?.cancelled) task.interrupt(new Cancelled(`nobody waits for ${task.name} any more`), false);
    return false;
  }

  override isCancellable(): boolean {
    return !this.#shielded;
  }

  get observes(): boolean {
    return true;
  }

  deliver(waiter: Waiter, ended: Coroutine): void {
    this.#tasks.delete(waiter);
    const { task } = waiter;
    if (ended.status === Status.fulfilled) {
      waiter.resume(ended.sent);
    } else if (ended.status === Status.cancelled && task !== undefined && task.cancelled !== null) {
      task.deliver();
      waiter.fail(task.cancelled);
    } else {
      waiter.fail(ended.joinError());
    }
  }

  release(waiter: Waiter, error: unknown): void {
    this.#tasks.delete(waiter);
    waiter.fail(error);
  }

  override blockedBy(waiter: Waiter): Coroutine | undefined {
    return this.#tasks.get(waiter);
  }

  describe(): string {
    return `${this.#what} ${typeof this.#title === "string" ? this.#title : this.#title.name || "body"}`;
  }
}
