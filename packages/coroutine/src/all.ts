// Several operations, waited on together.
import { Branch, isStop } from "./branch.ts";
import type { Coroutine } from "./coroutine.ts";
import { Cancelled } from "./errors.ts";
import { type ForkedWait, Forking } from "./forking.ts";
import type { Op, Value } from "./op.ts";
import type { WaitKind } from "./operation.ts";
import { operationOf } from "./operation-of.ts";
import { suppress } from "./suppressed.ts";
import type { Waiter } from "./waiter.ts";

class All extends Forking<unknown[]> {
  /** Taking one value here while another is missing would be an effect, so only the empty wait is ever ready. */
  poll(): boolean {
    if (this.ops.length > 0) return false;
    this.value = [];
    return true;
  }

  protected fork(waiter: Waiter): ForkedWait {
    return new AllWait(this, waiter);
  }

  override discard(values: unknown[]): void {
    for (const [index, op] of this.ops.entries()) op.discard(values[index]);
  }

  describe(): string {
    return `all of ${this.ops.map((op) => op.describe()).join(", ")}`;
  }

  /** Inside if any part is: one part that can never come is enough to wait for ever. */
  override get kind(): WaitKind {
    if (this.ops.some((op) => op.kind === "inside")) return "inside";
    return this.ops.some((op) => op.kind === "timer") ? "timer" : "outside";
  }
}

/** One wait for all parts: collects values, and gives them back when it can't deliver them together. */
class AllWait implements ForkedWait {
  readonly #all: All;
  readonly #outer: Waiter;
  readonly #branches: Branch[] = [];
  readonly #values: unknown[];
  readonly #has: boolean[];
  #missing: number;
  #failure: { error: unknown } | undefined;
  #withdrawn = false;
  #parking = true;

  constructor(all: All, outer: Waiter) {
    this.#all = all;
    this.#outer = outer;
    this.#missing = all.ops.length;
    this.#values = new Array(all.ops.length).fill(undefined);
    this.#has = new Array(all.ops.length).fill(false);
  }

  get task(): Coroutine | undefined {
    return this.#outer.task;
  }

  park(): void {
    for (const [index, op] of this.#all.ops.entries()) {
      const branch = new Branch(this, index);
      this.#branches.push(branch);
      try {
        if (op.poll()) this.resumed(branch, op.value);
        else branch.park(op);
      } catch (error) {
        this.failed(branch, error);
      }
      if (this.#failure !== undefined) {
        this.#missing -= this.#all.ops.length - index - 1;
        break;
      }
    }
    this.#parking = false;
    this.#finishIfEnded();
  }

  resumed(branch: Branch, value: unknown): void {
    this.#values[branch.index] = value;
    this.#has[branch.index] = true;
    this.#missing--;
    this.#finishIfEnded();
  }

  failed(_branch: Branch, error: unknown): void {
    this.#missing--;
    if (this.#failure !== undefined) {
      if (!isStop(error)) suppress(this.#failure.error, error);
    } else if (!this.#withdrawn || !isStop(error)) {
      this.#failure = { error };
      this.#withdrawAll();
    }
    this.#finishIfEnded();
  }

  takeBack(): boolean {
    if (this.#failure !== undefined || this.#withdrawn) return false;
    this.#withdrawn = true;
    this.#withdrawAll();
    if (this.#missing > 0) return false;
    this.#giveBack();
    return true;
  }

  #withdrawAll(): void {
    for (const branch of this.#branches) {
      if (branch.op !== null && branch.withdraw()) this.#missing--;
    }
  }

  #finishIfEnded(): void {
    if (this.#missing > 0 || this.#parking) return;
    this.#all.forget(this.#outer);
    if (this.#failure !== undefined) {
      this.#giveBack();
      this.#outer.fail(this.#failure.error);
    } else if (this.#has.every(Boolean)) {
      this.#outer.resume(this.#values);
    } else {
      this.#giveBack();
      this.#outer.fail(this.task?.cancelled ?? new Cancelled("nobody waits for it any more"));
    }
  }

  #giveBack(): void {
    for (const [index, op] of this.#all.ops.entries()) if (this.#has[index]) op.discard(this.#values[index]);
  }
}

/**
 * Waits for every one of several operations and gives their values in order. When one fails, or the wait is cancelled,
 * the others are taken back, and what had been taken already is put back: a received value returns to its channel, a
 * permit to its semaphore.
 *
 * @throws The first failure.
 * @example
 * const [user, orders] = yield* all([userTask, orderChannel.recv()]);
 */
export function all<const T extends readonly Op<unknown>[]>(ops: T): Op<{ -readonly [K in keyof T]: Value<T[K]> }> {
  // One value per operation, in order: the mapped tuple is what that array is.
  return new All(ops.map(operationOf)) as unknown as Op<{ -readonly [K in keyof T]: Value<T[K]> }>;
}
