// At most so many at once.
import { BodyOperation } from "./body.ts";
import type { Co, Op, Result } from "./op.ts";
import { Operation } from "./operation.ts";
import { Permit } from "./permit.ts";
import { type Waiter, WaitList } from "./waiter.ts";

/**
 * Hands out a fixed number of permits, first come, first served: a permit that is given back goes straight to whoever
 * has waited longest.
 *
 * @example
 * const connections = new Semaphore(10);
 * using permit = yield* connections.acquire();
 */
export class Semaphore {
  readonly name: string | undefined;
  readonly #waiters = new WaitList();
  readonly #acquire: Acquire;
  readonly #release = (): void => this.#give();
  #available: number;

  /** @param permits How many may be held at once. */
  constructor(permits: number, name?: string) {
    if (!(permits >= 0)) throw new RangeError(`A semaphore can't have ${permits} permits. Give it 0 or more.`);
    this.#available = permits;
    this.name = name;
    this.#acquire = new Acquire(this, this.#waiters);
  }

  /** Permits that nobody holds. */
  get available(): number {
    return this.#available;
  }

  /** Waits for a permit. Dispose of it to give it back. */
  acquire(): Op<Disposable> {
    return this.#acquire;
  }

  /** Takes a permit if one is free. */
  tryAcquire(): Disposable | undefined {
    if (this.#available < 1) return undefined;
    this.#available--;
    return new Permit(this.#release);
  }

  /** Runs a body while holding a permit, and gives it back however the body ends. */
  with<F extends () => unknown>(body: F): Op<Result<F>> {
    const acquire = this.#acquire;
    return new BodyOperation<Result<F>>(
      "hold of",
      function* (): Co<Result<F>> {
        using _permit = yield* acquire;
        return yield* new BodyOperation<Result<F>>("body", body);
      },
      { title: this.toString() },
    );
  }

  #give(): void {
    const waiter = this.#waiters.shift();
    if (waiter === null) this.#available++;
    else waiter.resume(new Permit(this.#release));
  }

  toString(): string {
    return this.name === undefined ? "semaphore" : `semaphore ${this.name}`;
  }
}

class Acquire extends Operation<Disposable> {
  readonly #semaphore: Semaphore;
  readonly #waiters: WaitList;

  constructor(semaphore: Semaphore, waiters: WaitList) {
    super();
    this.#semaphore = semaphore;
    this.#waiters = waiters;
  }

  poll(): boolean {
    this.value = this.#semaphore.tryAcquire();
    return this.value !== undefined;
  }

  park(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  withdraw(waiter: Waiter): boolean {
    this.#waiters.remove(waiter);
    return true;
  }

  override discard(permit: Disposable): void {
    permit[Symbol.dispose]();
  }

  describe(): string {
    return `a permit of ${this.#semaphore}`;
  }
}
