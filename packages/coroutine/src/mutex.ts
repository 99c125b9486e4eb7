// One at a time, and who it is.
import { reportCycle } from "./blame.ts";
import { BodyOperation } from "./body.ts";
import type { Coroutine } from "./coroutine.ts";
import { currentTask } from "./current.ts";
import type { Co, Op, Result } from "./op.ts";
import { Operation } from "./operation.ts";
import { Permit } from "./permit.ts";
import type { Task } from "./task.ts";
import { type Waiter, WaitList } from "./waiter.ts";

/**
 * A lock that one task holds at a time, first come, first served. Not re-entrant: a task that locks it twice waits for
 * itself, which is reported like any other cycle of waits.
 *
 * @example
 * const ledger = new Mutex("ledger");
 * using lock = yield* ledger.lock();
 */
export class Mutex {
  readonly name: string | undefined;
  readonly #waiters = new WaitList();
  readonly #lock: Lock;
  readonly #unlock = (): void => this.#give();
  #locked = false;
  #owner: Coroutine | undefined;

  constructor(name?: string) {
    this.name = name;
    this.#lock = new Lock(this, this.#waiters);
  }

  /** The task that holds it; `undefined` when nobody does, or code outside every task. */
  get owner(): Task | undefined {
    return this.#owner;
  }

  /** @internal The owner as the runtime knows it. */
  get holder(): Coroutine | undefined {
    return this.#owner;
  }

  get locked(): boolean {
    return this.#locked;
  }

  /** Waits for the lock. Dispose of it to unlock. */
  lock(): Op<Disposable> {
    return this.#lock;
  }

  /** Takes the lock if it is free. */
  tryLock(): Disposable | undefined {
    return this.#locked ? undefined : this.#take(currentTask());
  }

  /** Runs a body while holding the lock, and unlocks however the body ends. */
  with<F extends () => unknown>(body: F): Op<Result<F>> {
    const lock = this.#lock;
    return new BodyOperation<Result<F>>(
      "hold of",
      function* (): Co<Result<F>> {
        using _lock = yield* lock;
        return yield* new BodyOperation<Result<F>>("body", body);
      },
      { title: this.toString() },
    );
  }

  #take(owner: Coroutine | undefined): Disposable {
    this.#locked = true;
    this.#owner = owner;
    return new Permit(this.#unlock);
  }

  #give(): void {
    const waiter = this.#waiters.shift();
    if (waiter === null) {
      this.#locked = false;
      this.#owner = undefined;
    } else {
      waiter.resume(this.#take(waiter.task));
    }
  }

  toString(): string {
    return this.name === undefined ? "mutex" : `mutex ${this.name}`;
  }
}

class Lock extends Operation<Disposable> {
  readonly #mutex: Mutex;
  readonly #waiters: WaitList;

  constructor(mutex: Mutex, waiters: WaitList) {
    super();
    this.#mutex = mutex;
    this.#waiters = waiters;
  }

  poll(): boolean {
    this.value = this.#mutex.tryLock();
    return this.value !== undefined;
  }

  park(waiter: Waiter): void {
    this.#waiters.push(waiter);
    reportCycle(waiter.task);
  }

  override blockedBy(): Coroutine | undefined {
    return this.#mutex.holder;
  }

  withdraw(waiter: Waiter): boolean {
    this.#waiters.remove(waiter);
    return true;
  }

  override discard(lock: Disposable): void {
    lock[Symbol.dispose]();
  }

  describe(): string {
    return `the lock of ${this.#mutex}`;
  }
}
