// Whoever runs offloaded calls for this thread: the process's pool, or the way to it.
import type { MessagePort, Transferable } from "node:worker_threads";
import type { ThrownData } from "../thrown.ts";
import type { TaskAddress } from "./task.ts";

/** One call. */
export interface CallRequest {
  readonly task: TaskAddress;
  readonly args: readonly unknown[];
  /** What of the arguments is moved. */
  readonly transfer: readonly Transferable[];
  /** Higher runs first. */
  readonly priority: number;
}

/** A call of another thread: the arguments wait on its port, and the answer is to be posted there. */
export interface RelayedCall extends Pick<CallRequest, "task" | "priority"> {
  readonly port: MessagePort;
}

/** What a call came to. */
export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly thrown: ThrownData };

/** Whoever waits for a call. One of the two is called, once, in a later turn; after a cancel it may be none. */
export interface Caller {
  answered(answer: Answer): void;
  /** The call was refused, its thread has ended, or its answer can't be read. */
  lost(error: Error): void;
}

/** A call that was handed over. */
export interface Submission {
  /** Nobody waits for the answer: takes the call out of the queue, or ends the thread that runs it. */
  cancel(): void;
}

export interface Compute {
  /** @throws {OffloadCloneError} when the arguments can't be cloned */
  submit(request: CallRequest, caller: Caller): Submission;
  /** `lost` is a caller's; the answer goes past whoever relays. */
  submitRelayed(call: RelayedCall, lost: Caller["lost"]): Submission;
  readonly load: Load;
}

/** The pool's load in shared memory: every thread of the process reads it without asking. */
export class Load {
  /** Threads, most calls that may wait, calls that run, calls that wait. */
  readonly cells: Int32Array<SharedArrayBuffer>;

  constructor(cells: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(16))) {
    this.cells = cells;
  }

  static of(threads: number, queue: number): Load {
    const load = new Load();
    load.cells.set([threads, queue]);
    return load;
  }

  update(running: number, waiting: number): void {
    Atomics.store(this.cells, 2, running);
    Atomics.store(this.cells, 3, waiting);
  }

  get threads(): number {
    return Atomics.load(this.cells, 0);
  }

  get queue(): number {
    return Atomics.load(this.cells, 1);
  }

  get running(): number {
    return Atomics.load(this.cells, 2);
  }

  get waiting(): number {
    return Atomics.load(this.cells, 3);
  }

  /** 0: a thread is free at once. 1: the next call is refused. */
  get pressure(): number {
    if (this.running < this.threads) return 0;
    return this.queue === 0 ? 1 : this.waiting / this.queue;
  }
}
