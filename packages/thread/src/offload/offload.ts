// Runs pure functions on the compute pool, off the threads that serve.
import { type Op, until } from "@plait/coroutine";
import { callTask, type OffloadOptions } from "./call.ts";
import { mapOver, type OffloadMapOptions, type OffloadResults } from "./offload-map.ts";
import { processCompute } from "./process-compute.ts";
import type { ComputeTask } from "./task.ts";

/** How busy the compute pool of this process is. */
export interface OffloadStats {
  /** Calls that run at once, at most. */
  readonly threads: number;
  /** Calls that may wait. */
  readonly queue: number;
  readonly running: number;
  readonly waiting: number;
}

export interface Offload {
  /**
   * Runs a task on the compute pool that all threads of the process share, and waits for its result. Lazy, like every
   * operation; each wait is a call of its own. The pool has a thread for every core that the
   * process may use, and one more.
   *
   * Cancelling the wait frees the core: a call that waits leaves the queue, the thread of one that runs is ended. So
   * nothing may rely on a task to clean up. Inside a task `offload` runs in place.
   *
   * @param args cloned to the compute thread, except what `transfer` names
   * @throws what the task throws, with its class name, `code`, `cause` and fields
   * @throws {NotATaskError} when the task is none
   * @throws {InvalidArgumentError} for arguments that are no list, and a timeout or a priority that is none
   * @throws {UnknownTaskError | TaskLoadError} when its module does not export it, or can't be loaded
   * @throws {OffloadQueueFullError} when too many calls wait already
   * @throws {OffloadTimeoutError} when it takes longer than `timeout`
   * @throws {OffloadLostError} when its thread ends before it answers, or the pool was closed
   * @throws {OffloadCloneError} when the arguments or the result can't be cloned
   * @example
   * ```ts
   * const hex = yield* offload(digest, [line], { timeout: 500 });
   * ```
   */
  <A extends readonly unknown[], R>(task: ComputeTask<A, R>, args: A, options?: OffloadOptions): Op<R>;
  /**
   * Runs a task for each item, several at once. See {@link OffloadResults}.
   *
   * @example
   * ```ts
   * using results = offload.map(digest, lines, { concurrency: 4 });
   * for (let next = yield* results.next(); !next.done; next = yield* results.next()) yield* conn.write(next.value);
   * ```
   */
  map<A, R>(
    task: ComputeTask<readonly [A], R>,
    items: Iterable<A> | AsyncIterable<A>,
    options?: OffloadMapOptions,
  ): OffloadResults<R>;
  /** How full the pool is: 0 while a thread is free, 1 when the next call would be refused. */
  readonly pressure: number;
  readonly stats: OffloadStats;
}

function call<A extends readonly unknown[], R>(task: ComputeTask<A, R>, args: A, options: OffloadOptions = {}): Op<R> {
  return until((cancelled) => callTask(processCompute(), task, args, options, cancelled));
}

/** Runs pure functions on the compute pool; see {@link Offload}. */
export const offload: Offload = Object.defineProperties(call as Offload, {
  map: {
    value: <A, R>(
      task: ComputeTask<readonly [A], R>,
      items: Iterable<A> | AsyncIterable<A>,
      options: OffloadMapOptions = {},
    ) => {
      const pool = processCompute();
      const { concurrency = pool.load.threads, ordered = true, ...rest } = options;
      return mapOver((item: A, cancelled) => callTask(pool, task, [item] as const, rest, cancelled), items, {
        concurrency,
        ordered,
        signal: options.signal,
      });
    },
  },
  pressure: { get: () => processCompute().load.pressure },
  stats: {
    get: (): OffloadStats => {
      const { threads, queue, running, waiting } = processCompute().load;
      return { threads, queue, running, waiting };
    },
  },
});
