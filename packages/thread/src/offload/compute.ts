// Whoever runs offloaded calls for this thread: the process's pool, or the way to it.
import type { MessagePort } from "node:worker_threads";
import type { ThrownData } from "../thrown.ts";
import type { TaskAddress } from "./task.ts";

/** One call. Its arguments wait on its port, and its answer comes back there: neither passes the main thread. */
export interface CallRequest {
  readonly task: TaskAddress;
  /** Higher runs first. */
  readonly priority: number;
}

/** What a compute thread posts on a call's port. */
export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly thrown: ThrownData };

/** A call that was handed over. Exactly one of the two is called. */
export interface Submission {
  /** Nobody waits for the answer: takes the call out of the queue, or ends the thread that runs it. */
  cancel(): void;
  /** The answer has come. */
  forget(): void;
}

export interface Compute {
  /**
   * Hands a call over; the port is spent. `lost` is called, at most once and in a later turn, when the call was refused
   * or its thread has ended. An answer may still be on the port then.
   */
  submit(request: CallRequest, port: MessagePort, lost: (error: Error) => void): Submission;
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
