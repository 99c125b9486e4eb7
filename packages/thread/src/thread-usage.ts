// What a thread uses: its event loop, processor time and heap, read from its process's main thread.
import { type EventLoopUtilization, performance } from "node:perf_hooks";
import type { Worker } from "node:worker_threads";
import type { GcTime } from "./gc-time.ts";
import { atMost } from "./time-limit.ts";

export interface ThreadUsage {
  /** Share of the time since the last reading in which its event loop was busy, 0 to 1. A thread that hangs reads 1. */
  readonly utilization: number;
  /** Processor time since it started, in ms. */
  readonly cpuMs: number;
  /** JavaScript heap in use, in bytes. */
  readonly heapUsed: number;
  /** Time that garbage collection has held it up since it started, in ms; of one that hangs, until it did. */
  readonly gcMs: number;
}

/** Reads one thread's usage, again and again. */
export class UsageMeter {
  readonly #worker: Worker;
  #last: EventLoopUtilization | undefined;
  readonly #gc: GcTime;
  #known: ThreadUsage = { utilization: 0, cpuMs: 0, heapUsed: 0, gcMs: 0 };

  constructor(worker: Worker, gc: GcTime) {
    this.#worker = worker;
    this.#gc = gc;
  }

  /** A thread that does not answer within so many ms keeps the processor time and heap that were last seen. */
  async read(timeout: number): Promise<ThreadUsage> {
    const now = this.#worker.performance.eventLoopUtilization();
    const { utilization } = this.#last ? performance.eventLoopUtilization(now, this.#last) : now;
    this.#last = now;
    const unknown = () => undefined;
    const [cpu, heap] = await Promise.all([
      atMost(timeout, this.#worker.cpuUsage().catch(unknown)),
      atMost(timeout, this.#worker.getHeapStatistics().catch(unknown)),
    ]);
    this.#known = {
      utilization,
      cpuMs: cpu ? (cpu.user + cpu.system) / 1000 : this.#known.cpuMs,
      heapUsed: heap?.used_heap_size ?? this.#known.heapUsed,
      gcMs: this.#gc[0] ?? 0,
    };
    return this.#known;
  }
}
