// One offloaded call, from the side that waits for it.
import type { Transferable } from "node:worker_threads";
import { InvalidArgumentError } from "@plait/coroutine";
import { unpackThrown } from "../thrown.ts";
import { timeLimit } from "../time-limit.ts";
import type { Compute, Submission } from "./compute.ts";
import { NotATaskError, OffloadTimeoutError } from "./errors.ts";
import { type ComputeTask, isTask } from "./task.ts";

/** Options of a call. */
export interface OffloadOptions {
  /** Aborting it takes the call out of the queue, or ends the thread that runs it; the call rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Most milliseconds until the answer, time in the queue included. Default, and Infinity: no limit. */
  readonly timeout?: number;
  /** Of the calls that wait, the highest runs first. Default 0. */
  readonly priority?: number;
  /** What of the arguments is moved instead of copied: buffers that the caller does not need any more. */
  readonly transfer?: readonly Transferable[];
}

/**
 * Makes a call; `cancelled` ends it like the caller's own signal.
 *
 * @throws {NotATaskError}
 * @throws {InvalidArgumentError} for arguments that are no list, a timeout or a priority that is none
 * @throws {OffloadCloneError} when the arguments can't be cloned
 */
export function callTask<A extends readonly unknown[], R>(
  compute: Compute,
  task: ComputeTask<A, R>,
  args: A,
  options: OffloadOptions,
  cancelled: AbortSignal,
): Promise<R> {
  const { timeout, priority = 0, transfer = [] } = options;
  if (!isTask(task)) throw new NotATaskError(task);
  if (!Array.isArray(args)) {
    throw new InvalidArgumentError(`The arguments of ${task.name} are no list. Give an array, [] for none.`);
  }
  if (typeof priority !== "number" || Number.isNaN(priority)) {
    throw new InvalidArgumentError(`A call can't have the priority ${priority}. Give a number.`);
  }
  const signals = options.signal ? [options.signal, cancelled] : [cancelled];
  const { promise, resolve, reject } = Promise.withResolvers<R>();
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted) {
    reject(aborted.reason);
    return promise;
  }

  const forgetTime = timeLimit(timeout, (ms) => giveUp(new OffloadTimeoutError(task, ms)));
  const done = () => {
    forgetTime();
    for (const signal of signals) signal.removeEventListener("abort", onAbort);
  };
  const giveUp = (reason: unknown) => {
    submission.cancel();
    done();
    reject(reason);
  };
  const onAbort = (event: Event) => giveUp((event.target as AbortSignal).reason);

  const { module, name } = task;
  let submission: Submission;
  try {
    submission = compute.submit(
      { task: { module, name }, args, transfer, priority },
      {
        answered(answer) {
          done();
          if (answer.ok) resolve(answer.value as R);
          else reject(unpackThrown(answer.thrown));
        },
        lost(error) {
          done();
          reject(error);
        },
      },
    );
  } catch (error) {
    forgetTime();
    throw error;
  }
  for (const signal of signals) signal.addEventListener("abort", onAbort);
  return promise;
}
