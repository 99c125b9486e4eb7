// The hooks into the run loop, and those that are in place.
import type { Task } from "./task.ts";
import type { TaskInfo } from "./tasks.ts";

/** Hooks into the run loop. They run inside it: keep them short, and wait for nothing. */
export interface Instrument {
  spawned?(task: Task): void;
  /** Before each step of a body. Async functions are stepped by the host: they have no steps here. */
  beforeStep?(task: Task): void;
  /** After each step, with the time it took in nanoseconds. */
  afterStep?(task: Task, ns: number): void;
  /** A task has parked. */
  waiting?(task: Task, on: string): void;
  /** A parked task has become ready. */
  woke?(task: Task): void;
  done?(task: Task): void;
  /** Tasks that wait for each other, the moment the cycle closes. */
  cycle?(tasks: readonly Task[]): void;
  /** A single step took longer than `blockedAfter`. */
  blocked?(event: Blocked): void;
  /** Milliseconds a step may take before it is reported. Default: 100. */
  blockedAfter?: number;
}

/** A step that kept everything else in its thread from running. */
export interface Blocked {
  ms: number;
  task: TaskInfo;
  /** Where the task came to rest after it, if that can be told: the line after which to look back. */
  stack: string | undefined;
}

/** The instruments in place. */
export const instruments: Instrument[] = [];
