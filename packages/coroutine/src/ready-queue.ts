// The tasks that can run, by priority: urgent ones first, but nobody starves.
import type { Coroutine } from "./coroutine.ts";
import { Ring } from "./ring.ts";

/** Steps each priority gets out of fifteen while all of them have work. */
const SHARES = [8, 4, 2, 1] as const;
const PRIORITIES = SHARES.length;

/** The priority of a task that names none. */
export const NORMAL_PRIORITY = 1;

/** Picks the next task out of those in the order they became ready; replaces that order in tests. */
export type Choose = (count: number) => number;

/** One ring per priority, drained by shares. */
export class ReadyQueue {
  #rings = SHARES.map(() => new Ring<Coroutine>());
  #normal = this.#rings[NORMAL_PRIORITY] as Ring<Coroutine>;
  #credits: number[] = [...SHARES];
  #size = 0;
  /** Tasks that wait with a priority other than normal. */
  #special = 0;
  /** Picks by something else than age, `undefined` outside tests. */
  choose: Choose | undefined = undefined;

  get size(): number {
    return this.#size;
  }

  push(task: Coroutine): void {
    this.#size++;
    if (task.priority === NORMAL_PRIORITY) {
      this.#normal.push(task);
    } else {
      this.#special++;
      (this.#rings[task.priority] as Ring<Coroutine>).push(task);
    }
  }

  shift(): Coroutine | undefined {
    if (this.#size === 0) return undefined;
    this.#size--;
    const ring = this.#special === 0 ? this.#normal : this.#pickByShare();
    return this.choose === undefined ? ring.shift() : ring.takeAt(this.choose(ring.size));
  }

  #pickByShare(): Ring<Coroutine> {
    for (;;) {
      for (let priority = 0; priority < PRIORITIES; priority++) {
        const ring = this.#rings[priority] as Ring<Coroutine>;
        const credit = this.#credits[priority] as number;
        if (ring.size === 0 || credit === 0) continue;
        this.#credits[priority] = credit - 1;
        if (priority !== NORMAL_PRIORITY) this.#special--;
        return ring;
      }
      this.#credits = [...SHARES];
    }
  }
}
