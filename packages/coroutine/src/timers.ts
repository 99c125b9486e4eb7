// Every pending deadline of the thread in one heap, behind one timer of the host.
import { type Clock, HostClock } from "./clock.ts";
import type { Waiter } from "./waiter.ts";

const ARITY_SHIFT = 2;
const INITIAL_SIZE = 64;

/**
 * A 4-ary heap ordered by deadline, then by arrival. Each waiter keeps its own index in `slot`, so taking one out is
 * O(log n) and leaves nothing behind. Structure: LaMarca and Ladner, "The influence of caches on the performance of
 * heaps" (1996), for the arity.
 */
export class Timers {
  #clock: Clock = new HostClock();
  #deadlines = new Float64Array(INITIAL_SIZE);
  #arrivals = new Float64Array(INITIAL_SIZE);
  #waiters: Waiter[] = [];
  #arrival = 0;
  /** The deadline the clock's alarm is set for. */
  #armedFor = Number.POSITIVE_INFINITY;
  #firing = false;
  readonly #fired: () => void;

  /** @param fired Called after each batch of due waiters has been resumed. */
  constructor(fired: () => void) {
    this.#fired = fired;
  }

  get size(): number {
    return this.#waiters.length;
  }

  get clock(): Clock {
    return this.#clock;
  }

  /** Earliest deadline, `Infinity` when nothing is pending. */
  get earliest(): number {
    return this.#waiters.length === 0 ? Number.POSITIVE_INFINITY : (this.#deadlines[0] as number);
  }

  now(): number {
    return this.#clock.now();
  }

  /** Changes the source of time. Deadlines already in the heap are kept and read on the new clock. */
  useClock(clock: Clock): void {
    this.#clock.disarm();
    this.#clock = clock;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#arm();
  }

  /** Resumes a waiter with `undefined` once `deadline` has passed. */
  add(waiter: Waiter, deadline: number): void {
    const index = this.#waiters.length;
    if (index === this.#deadlines.length) this.#grow();
    this.#waiters.push(waiter);
    this.#rise(index, deadline, this.#arrival++, waiter);
    if (this.#firing) return;
    if (index === 0) this.#clock.hold(true);
    if (deadline < this.#armedFor) this.#arm();
  }

  /** Takes out a waiter that {@link add} put in and that has not been resumed. */
  remove(waiter: Waiter): void {
    this.#removeAt(waiter.slot);
    waiter.slot = -1;
    // Leave the alarm set: a timeout around every read would otherwise set and clear a host timer each time.
    if (this.#waiters.length === 0 && !this.#firing) this.#clock.hold(false);
  }

  readonly #fire = (): void => {
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#firing = true;
    // Read the time once: a waiter that sleeps again at once gets a later deadline and can't keep this loop going.
    const now = this.#clock.now();
    while (this.#waiters.length > 0 && (this.#deadlines[0] as number) <= now) {
      const waiter = this.#waiters[0] as Waiter;
      this.#removeAt(0);
      waiter.slot = -1;
      waiter.resume(undefined);
    }
    this.#firing = false;
    this.#arm();
    this.#fired();
  };

  #arm(): void {
    const earliest = this.earliest;
    if (earliest >= this.#armedFor) return;
    this.#armedFor = earliest;
    this.#clock.arm(earliest, this.#fire);
  }

  #removeAt(index: number): void {
    const waiters = this.#waiters;
    const last = waiters.length - 1;
    const waiter = waiters.pop() as Waiter;
    if (index === last) return;
    const deadline = this.#deadlines[last] as number;
    const arrival = this.#arrivals[last] as number;
    if (!this.#rise(index, deadline, arrival, waiter)) this.#sink(index, deadline, arrival, waiter);
  }

  /** Moves an entry up from `index` to where it belongs. Returns whether it moved. */
  #rise(from: number, deadline: number, arrival: number, waiter: Waiter): boolean {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> ARITY_SHIFT;
      const parentDeadline = this.#deadlines[parent] as number;
      if (parentDeadline < deadline) break;
      if (parentDeadline === deadline && (this.#arrivals[parent] as number) < arrival) break;
      this.#put(index, parentDeadline, this.#arrivals[parent] as number, this.#waiters[parent] as Waiter);
      index = parent;
    }
    this.#put(index, deadline, arrival, waiter);
    return index !== from;
  }

  #sink(from: number, deadline: number, arrival: number, waiter: Waiter): void {
    const size = this.#waiters.length;
    let index = from;
    for (;;) {
      const firstChild = (index << ARITY_SHIFT) + 1;
      if (firstChild >= size) break;
      let least = firstChild;
      const end = Math.min(firstChild + (1 << ARITY_SHIFT), size);
      for (let child = firstChild + 1; child < end; child++) if (this.#before(child, least)) least = child;
      const leastDeadline = this.#deadlines[least] as number;
      if (deadline < leastDeadline) break;
      if (deadline === leastDeadline && arrival < (this.#arrivals[least] as number)) break;
      this.#put(index, leastDeadline, this.#arrivals[least] as number, this.#waiters[least] as Waiter);
      index = least;
    }
    this.#put(index, deadline, arrival, waiter);
  }

  #before(a: number, b: number): boolean {
    const difference = (this.#deadlines[a] as number) - (this.#deadlines[b] as number);
    return difference < 0 || (difference === 0 && (this.#arrivals[a] as number) < (this.#arrivals[b] as number));
  }

  #put(index: number, deadline: number, arrival: number, waiter: Waiter): void {
    this.#deadlines[index] = deadline;
    this.#arrivals[index] = arrival;
    this.#waiters[index] = waiter;
    waiter.slot = index;
  }

  #grow(): void {
    const deadlines = new Float64Array(this.#deadlines.length * 2);
    deadlines.set(this.#deadlines);
    this.#deadlines = deadlines;
    const arrivals = new Float64Array(this.#arrivals.length * 2);
    arrivals.set(this.#arrivals);
    this.#arrivals = arrivals;
  }
}
