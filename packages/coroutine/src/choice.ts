// Waiting for the first of several operations: the engine of `race` and `select`.
import { Branch, isStop } from "./branch.ts";
import type { Coroutine } from "./coroutine.ts";
import { Cancelled } from "./errors.ts";
import { type ForkedWait, Forking } from "./forking.ts";
import type { Operation, WaitKind } from "./operation.ts";
import { randomBelow } from "./random.ts";
import { suppress } from "./suppressed.ts";
import type { Waiter } from "./waiter.ts";

/** Turns the winner into the value of the whole wait. */
export type Wrap<T> = (index: number, value: unknown) => T;

/**
 * Two phases: ask each operation whether it is ready, in an order that starts at random when `fair`; if none is, park a
 * branch on each. The first to be resumed wins and the others are taken back, so a loser has no effect at all.
 */
export class Choice<T> extends Forking<T> {
  readonly #name: string;
  readonly wrap: Wrap<T>;
  readonly #fair: boolean;

  constructor(name: string, ops: readonly Operation<unknown>[], wrap: Wrap<T>, fair: boolean) {
    super(ops);
    this.#name = name;
    this.wrap = wrap;
    this.#fair = fair;
  }

  poll(): boolean {
    const { ops } = this;
    const count = ops.length;
    const first = this.#fair && count > 1 ? randomBelow(count) : 0;
    for (let i = 0; i < count; i++) {
      const index = (first + i) % count;
      const op = ops[index] as Operation<unknown>;
      if (!op.poll()) continue;
      this.value = this.wrap(index, op.value);
      return true;
    }
    return false;
  }

  protected fork(waiter: Waiter): ForkedWait {
    return new ChoiceWait(this, waiter);
  }

  describe(): string {
    return `${this.#name} of ${this.ops.map((op) => op.describe()).join(", ")}`;
  }

  override get kind(): WaitKind {
    if (this.ops.some((op) => op.kind === "outside")) return "outside";
    return this.ops.some((op) => op.kind === "timer") ? "timer" : "inside";
  }
}

class ChoiceWait<T> implements ForkedWait {
  readonly #choice: Choice<T>;
  readonly #outer: Waiter;
  readonly #branches: Branch[] = [];
  /** Branches whose operations are still coming to an end. */
  #ending = 0;
  #decided: { index: number; value: unknown } | { error: unknown } | undefined;
  /** The waiter gave up before anything was decided. */
  #withdrawn = false;

  constructor(choice: Choice<T>, outer: Waiter) {
    this.#choice = choice;
    this.#outer = outer;
  }

  get task(): Coroutine | undefined {
    return this.#outer.task;
  }

  park(): void {
    for (const [index, op] of this.#choice.ops.entries()) {
      const branch = new Branch(this, index);
      this.#branches.push(branch);
      branch.park(op);
      if (this.#decided !== undefined) return;
    }
  }

  resumed(branch: Branch, value: unknown): void {
    if (this.#decided === undefined) this.#decide({ index: branch.index, value });
    else this.#choice.ops[branch.index]?.discard(value);
    this.#ended();
  }

  failed(_branch: Branch, error: unknown): void {
    if ((this.#withdrawn || this.#decided !== undefined) && isStop(error)) {
      // It was asked to stop and did.
    } else if (this.#decided === undefined) {
      this.#decide({ error });
    } else if ("error" in this.#decided) {
      suppress(this.#decided.error, error);
    } else {
      // A loser broke while it was being stopped. Its error has nowhere else to go.
      this.#choice.ops[this.#decided.index]?.discard(this.#decided.value);
      this.#decided = { error };
    }
    this.#ended();
  }

  takeBack(): boolean {
    if (this.#decided !== undefined) return false;
    this.#withdrawn = true;
    this.#withdrawAll();
    return this.#ending === 0;
  }

  #decide(decided: { index: number; value: unknown } | { error: unknown }): void {
    this.#decided = decided;
    // The deciding branch counts as ending too, until resumed() or failed() is through with it.
    if (!this.#withdrawn) {
      this.#ending = 1;
      this.#withdrawAll();
    }
  }

  #withdrawAll(): void {
    for (const branch of this.#branches) {
      // Count first: an operation may come to its end while it is being asked to.
      this.#ending++;
      if (branch.withdraw()) this.#ending--;
    }
  }

  #ended(): void {
    if (--this.#ending > 0) return;
    this.#choice.forget(this.#outer);
    const decided = this.#decided;
    if (decided === undefined) this.#outer.fail(this.task?.cancelled ?? new Cancelled("nobody waits for it any more"));
    else if ("error" in decided) this.#outer.fail(decided.error);
    else this.#outer.resume(this.#choice.wrap(decided.index, decided.value));
  }
}
