// The compute pool of a process: a second Piscina pool, beside the serving threads, that runs one call a thread.
//
// The queue is kept here and Piscina gets a call only when a thread is free for it: its own queue knows no priority,
// and stands still when the thread it waits for is ended.
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import type { MessagePort } from "node:worker_threads";
import type { Piscina } from "piscina";
import { computeMain } from "../compute-file.ts";
import type { ComputeCall } from "../compute-main.ts";
import { heapLimit } from "../heap-limit.ts";
import { words } from "../thrown.ts";
import { type CallRequest, type Compute, Load, type Submission } from "./compute.ts";
import { OffloadLostError, OffloadQueueFullError } from "./errors.ts";
import { WaitingCalls } from "./waiting-calls.ts";

/** Calls that may wait, when nothing else is said. */
const DEFAULT_QUEUE = 1024;
/** How far a compute thread stands back, when nothing else is said. README.md has what it brings. */
const DEFAULT_NICE = 10;
/** A compute thread without work is ended after so many ms. */
const IDLE_MS = 10_000;

export interface ComputePoolOptions {
  /**
   * Calls that run at once. Default: the cores that this process may use, and one more. A thread gets its next call when
   * it has answered, a turn of the main thread's loop later, and meanwhile the one more has its core. The rule is Goetz's,
   * Java Concurrency in Practice, 8.2; README.md has what it brings.
   */
  readonly threads?: number;
  /** Calls that may wait. Default 1024. */
  readonly queue?: number;
  /** JavaScript heap of each thread, in bytes; a call that needs more ends its thread. Default: what V8 chooses. */
  readonly heap?: number | undefined;
  /**
   * How far the threads stand back for others that have something to do, serving threads above all: what is added to their
   * nice value, 0 to 19. Default 10. Nothing happens on Windows.
   */
  readonly nice?: number;
}

interface Call {
  readonly request: CallRequest;
  readonly priority: number;
  readonly port: MessagePort;
  readonly lost: (error: Error) => void;
  readonly abort: AbortController;
}

/** Owns its threads, which start with the first call and don't keep the process alive; `destroy` ends them. */
export class ComputePool implements Compute {
  readonly load: Load;
  readonly #heap: number | undefined;
  readonly #nice: number;
  #pool: Piscina | undefined;
  readonly #waiting: WaitingCalls<Call>;
  readonly #running = new Set<Call>();

  constructor(options: ComputePoolOptions = {}) {
    const threads = options.threads ?? availableParallelism() + 1;
    const queue = options.queue ?? DEFAULT_QUEUE;
    this.load = Load.of(threads, queue);
    this.#heap = options.heap;
    this.#nice = process.platform === "win32" ? 0 : (options.nice ?? DEFAULT_NICE);
    this.#waiting = new WaitingCalls(queue);
  }

  submit(request: CallRequest, port: MessagePort, lost: (error: Error) => void): Submission {
    const call: Call = { request, priority: request.priority, port, lost, abort: new AbortController() };
    if (this.#running.size < this.load.threads) {
      this.#start(call);
    } else if (!this.#waiting.add(call)) {
      port.close();
      const full = new OffloadQueueFullError(request.task, this.load.threads, this.load.queue);
      queueMicrotask(() => lost(full));
    }
    this.#count();
    return { cancel: () => this.#cancel(call), forget: () => {} };
  }

  /** Ends every thread; calls that run or wait are lost. */
  async destroy(): Promise<void> {
    for (let call = this.#waiting.take(); call !== undefined; call = this.#waiting.take()) {
      call.port.close();
      call.lost(new OffloadLostError(call.request.task, "the compute pool was closed"));
    }
    await this.#pool?.destroy();
    this.#count();
  }

  #start(call: Call): void {
    this.#running.add(call);
    const { request, port, abort } = call;
    const task: ComputeCall = { task: request.task, port };
    // Piscina's type for a transfer list is inferred from Node's types and comes out as another overload's.
    const transferList = [port] as never;
    this.#pool ??= this.#open();
    this.#pool.run(task, { transferList, signal: abort.signal }).then(
      () => this.#ended(call),
      (error: unknown) => {
        this.#ended(call);
        call.lost(new OffloadLostError(request.task, `its thread ended: ${words(error)}`, { cause: error }));
      },
    );
  }

  #open(): Piscina {
    // Load Piscina with the first call: everything that imports `plait` imports this file, and most never offload.
    const { Piscina } = createRequire(import.meta.url)("piscina") as typeof import("piscina");
    const pool = new Piscina({
      filename: computeMain,
      name: "compute",
      minThreads: 0,
      maxThreads: this.load.threads,
      idleTimeout: IDLE_MS,
      recordTiming: false,
      // With Piscina's own way to wait, a thread's event loop stands still between two calls: it closes no port, so each call
      // that follows another left 3 KB.
      atomics: "disabled",
      niceIncrement: this.#nice,
      ...heapLimit(this.#heap),
    });
    pool.on("error", (error: unknown) => this.#threadFailed(pool, error));
    return pool;
  }

  #ended(call: Call): void {
    this.#running.delete(call);
    const next = this.#waiting.take();
    if (next !== undefined) this.#start(next);
    this.#count();
  }

  #cancel(call: Call): void {
    if (this.#waiting.remove(call)) {
      call.port.close();
      this.#count();
    } else if (this.#running.has(call)) {
      // Piscina ends the thread of a call that is aborted: the core is free at once.
      call.abort.abort();
    }
  }

  /** A thread without a call failed: an idle one, or one that could not start while a call waits for it. */
  #threadFailed(pool: Piscina, error: unknown): void {
    if (pool.queueSize === 0 || pool.threads.length > 0) return;
    for (const call of this.#running) call.abort.abort(error);
  }

  #count(): void {
    this.load.update(this.#running.size, this.#waiting.size);
  }
}
