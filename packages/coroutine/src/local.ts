// A variable with one value per task, inherited by the tasks it starts.
import { BodyOperation } from "./body.ts";
import { currentTask } from "./current.ts";
import type { Op, Result } from "./op.ts";

/** The values a task sees. Never changed in place: setting one makes a copy, so tasks can share it. */
export type Locals = ReadonlyMap<object, unknown>;

/** What code outside every task sees. */
let outside: Locals | null = null;

/**
 * A task starts with the values of the task that started it; setting one changes it for the task that does, and for
 * what it starts later. Works in async functions too.
 *
 * @example
 * const user = new Local("nobody", "user");
 * yield* user.run("ada", function* () { console.log(user.get()); });
 */
export class Local<T> {
  readonly name: string | undefined;
  readonly #initial: T;

  /** @param initial What tasks see that never had it set. */
  constructor(initial: T, name?: string) {
    this.#initial = initial;
    this.name = name;
  }

  get(): T {
    const task = currentTask();
    const locals = task === undefined ? outside : task.locals;
    // Only this object's own set() and run() store under it, and they store a T.
    return locals?.has(this) ? (locals.get(this) as T) : this.#initial;
  }

  set(value: T): void {
    const task = currentTask();
    if (task === undefined) outside = this.#with(outside, value);
    else task.locals = this.#with(task.locals, value);
  }

  /** Runs a body in which the variable has another value. */
  run<F extends () => unknown>(value: T, body: F): Op<Result<F>> {
    return new BodyOperation<Result<F>>("body", body, {
      prepare: (task) => {
        task.locals = this.#with(task.locals, value);
        return [];
      },
    });
  }

  #with(locals: Locals | null, value: T): Locals {
    return new Map(locals ?? []).set(this, value);
  }
}

/** What a task starts with that code outside every task starts. */
export function outsideLocals(): Locals | null {
  return outside;
}
