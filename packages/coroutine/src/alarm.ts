// A callback at a time, in the heap every task sleeps in: no timer of the host, and virtual time in tests.
import { loop } from "./loop.ts";
import { Waiter } from "./waiter.ts";

/** The time of the scheduler's clock, in milliseconds. Deadlines are measured in it. */
export function now(): number {
  return loop.timers.now();
}

/**
 * Base of whatever acts at a time without being a task: the deadlines of 100,000 connections. It is set for one time at
 * a time, again and again. Tasks it wakes run right after it.
 */
export abstract class Alarm extends Waiter {
  #at = Number.POSITIVE_INFINITY;

  /** The time it is set for, `Infinity` while it is not set. */
  get at(): number {
    return this.#at;
  }

  /** Called once the time has come. Must not throw. */
  protected abstract fired(): void;

  /** Sets it for a time of {@link now}, instead of any time before. */
  set(at: number): void {
    this.unset();
    this.#at = at;
    loop.timers.add(this, at);
  }

  /** Idempotent. */
  unset(): void {
    if (this.#at === Number.POSITIVE_INFINITY) return;
    this.#at = Number.POSITIVE_INFINITY;
    loop.timers.remove(this);
  }

  /** For the timers only. */
  resume(): void {
    this.#at = Number.POSITIVE_INFINITY;
    this.fired();
  }

  fail(): void {}

  get task(): undefined {
    return undefined;
  }
}
