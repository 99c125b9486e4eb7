// One offloaded call, from the side that waits for it.
import { MessageChannel, receiveMessageOnPort, type Transferable } from "node:worker_threads";
import { unpackThrown } from "../thrown.ts";
import { timeLimit } from "../time-limit.ts";
import type { Answer, Compute } from "./compute.ts";
import { OffloadCloneError, OffloadTimeoutError } from "./errors.ts";
import type { ComputeTask } from "./task.ts";

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
 * @throws {RangeError} for a timeout or a priority that is none
 */
export function callTask<A extends readonly unknown[], R>(
  compute: Compute,
  task: ComputeTask<A, R>,
  args: A,
  options: OffloadOptions,
  cancelled: AbortSignal,
): Promise<R> {
  const { timeout, priority = 0, transfer = [] } = options;
  if (!(priority <= Number.POSITIVE_INFINITY)) {
    throw new RangeError(`A call can't have the priority ${priority}. Give a number.`);
  }
  const signals = options.signal ? [options.signal, cancelled] : [cancelled];
  const { promise, resolve, reject } = Promise.withResolvers<R>();
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted) {
    reject(aborted.reason);
    return promise;
  }

  const forgetTime = timeLimit(timeout, (ms) => giveUp(new OffloadTimeoutError(task, ms)));
  const { port1: near, port2: far } = new MessageChannel();
  const done = () => {
    forgetTime();
    for (const signal of signals) signal.removeEventListener("abort", onAbort);
    near.close();
  };
  const give = (answer: Answer) => {
    submission.forget();
    done();
    if (answer.ok) resolve(answer.value as R);
    else reject(unpackThrown(answer.thrown));
  };
  const giveUp = (reason: unknown) => {
    submission.cancel();
    done();
    reject(reason);
  };
  const onAbort = (event: Event) => giveUp((event.target as AbortSignal).reason);

  try {
    near.postMessage(args, [...transfer]);
  } catch (cause) {
    done();
    reject(new OffloadCloneError("arguments", task, cause));
    return promise;
  }
  near.on("message", give);
  near.on("messageerror", (cause) => giveUp(new OffloadCloneError("result", task, cause)));
  const { module, name } = task;
  const submission = compute.submit({ task: { module, name }, priority }, far, (error) => {
    // Look at the port first: the answer may have been posted just before the thread ended.
    const last = receiveMessageOnPort(near) as { message: Answer } | undefined;
    if (last) return give(last.message);
    done();
    reject(error);
  });
  for (const signal of signals) signal.addEventListener("abort", onAbort);
  return promise;
}
