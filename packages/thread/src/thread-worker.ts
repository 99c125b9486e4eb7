// The worker of one serving thread: a Piscina pool of exactly one.
//
// One pool a thread, not one pool for all of them: Piscina can't end, pin, resize or restart with backoff a single
// worker of a pool, and replaces a dead one at once. With one each, Piscina does what it is good at (the worker, and the
// task that starts it) and the group above decides about life and placement.
import type { Readable } from "node:stream";
import type { MessagePort, Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import { heapLimit } from "./heap-limit.ts";
import { stacksRead } from "./inspect/blocked-stack.ts";
import type { StartResult, StartTask } from "./wire.ts";

export type ThreadStream = "stdout" | "stderr";

/** Reads what a thread writes, and settles at the end of it. */
export type OnThreadOutput = (stream: ThreadStream, output: Readable) => Promise<void>;

const streams: readonly ThreadStream[] = ["stdout", "stderr"];

/** Owns the worker until `end`. */
export class ThreadWorker {
  readonly worker: Worker;
  /** Node's number for it in this process. */
  readonly threadId: number;
  /** What its module's `start` answered; rejects when it ended before. */
  readonly started: Promise<StartResult>;
  readonly #pool: Piscina;

  /**
   * @param filename path of the module that exports `start`
   * @param heap in bytes; undefined leaves it to V8
   * @param ports those of `task`: they are moved
   */
  constructor(filename: string, heap: number | undefined, task: StartTask, ports: readonly MessagePort[]) {
    this.#pool = new Piscina({
      filename,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      // With Piscina's default the event loop of an idle thread stands still in Atomics.wait.
      atomics: "disabled",
      recordTiming: false,
      ...heapLimit(heap),
    });
    // An error that no task carries arrives here as well as at the worker, where it is classified.
    this.#pool.on("error", () => {});
    // Piscina's type for a transfer list is inferred from Node's types and comes out as another overload's.
    this.started = this.#pool.run(task, { name: "start", transferList: [...ports] as never });
    const worker: Worker | undefined = this.#pool.threads[0];
    if (!worker) throw new Error("Piscina did not start its worker with the first task");
    // Take the number now: a worker that has ended answers -1.
    this.threadId = worker.threadId;
    this.worker = worker;
  }

  /** Has what it writes read, instead of written by the process; settles at the end of it. */
  async output(read: OnThreadOutput): Promise<void> {
    await Promise.all(streams.map((stream) => read(stream, this.#own(stream))));
  }

  /** Ends it at once. Idempotent. */
  end(): void {
    this.release();
    // Again: a thread that is stopped for its stack just now forgets that it was to end when it is let go on.
    void stacksRead().then(() => this.worker.terminate());
  }

  /** Of a worker that is gone: lets go of its pool. */
  release(): void {
    void this.#pool.destroy();
  }

  /** A stream of it, taken away from the process's own, which Node pipes it to. */
  #own(stream: ThreadStream): Readable {
    const output = this.worker[stream];
    output.unpipe(process[stream]);
    return output.resume();
  }
}
