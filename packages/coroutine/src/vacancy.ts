// Back-pressure of a scope with a limit: the wait for a free place.
import { Operation } from "./operation.ts";
import type { TaskScope } from "./task-scope.ts";
import { type Waiter, WaitList } from "./waiter.ts";

export class Vacancy extends Operation<void> {
  readonly #scope: TaskScope;
  readonly #waiters = new WaitList();

  constructor(scope: TaskScope) {
    super();
    this.#scope = scope;
  }

  poll(): boolean {
    return !this.#scope.full;
  }

  park(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  withdraw(waiter: Waiter): boolean {
    this.#waiters.remove(waiter);
    return true;
  }

  /**
   * Tells everybody in line that a place is free. All, not one: the one may be cancelled before it spawns, and the place
   * would go unused. Who comes too late spawns a task that waits its turn.
   */
  open(): void {
    for (let waiter = this.#waiters.shift(); waiter !== null; waiter = this.#waiters.shift()) waiter.resume(undefined);
  }

  describe(): string {
    return `a vacancy in scope ${this.#scope.name}`;
  }
}
