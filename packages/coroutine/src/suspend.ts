// Waiting for a callback.
import type { Op } from "./op.ts";
import { Operation, type WaitKind } from "./operation.ts";
import { PerWaiter } from "./per-waiter.ts";
import { throwUncaught } from "./uncaught.ts";
import type { Waiter } from "./waiter.ts";

/** Starts what is waited for. May return a function that takes the request back. */
// biome-ignore lint/suspicious/noConfusingVoidType: without it a function that returns nothing would not be accepted.
export type Start<T> = (resume: (value: T) => void, fail: (error: unknown) => void) => (() => void) | void;

/** One wait: from the call of `start` to the first call of a callback. */
class Request {
  cancel: (() => void) | undefined = undefined;
}

class Suspend<T> extends Operation<T> {
  readonly #start: Start<T>;
  readonly #label: string;
  readonly #requests = new PerWaiter<Request>();

  constructor(start: Start<T>, label: string) {
    super();
    this.#start = start;
    this.#label = label;
  }

  poll(): boolean {
    return false;
  }

  park(waiter: Waiter): void {
    const request = new Request();
    this.#requests.set(waiter, request);
    try {
      const cancel = this.#start(
        (value) => {
          if (this.#requests.take(waiter, request)) waiter.resume(value);
        },
        (error) => {
          if (this.#requests.take(waiter, request)) waiter.fail(error);
        },
      );
      if (cancel) request.cancel = cancel;
    } catch (error) {
      if (!this.#requests.take(waiter, request)) throw error;
      waiter.fail(error);
    }
  }

  withdraw(waiter: Waiter): boolean {
    const request = this.#requests.get(waiter);
    if (request !== undefined && this.#requests.take(waiter, request)) {
      try {
        request.cancel?.();
      } catch (error) {
        // The waiter is on its way to something else, and the cancel of other tasks must go on.
        throwUncaught(error);
      }
    }
    return true;
  }

  describe(): string {
    return this.#label;
  }

  override get kind(): WaitKind {
    return "outside";
  }
}

/**
 * Wraps a callback API: `start` is called each time somebody waits, and its first call of `resume` or `fail` ends the
 * wait; later calls change nothing.
 *
 * @param start May return a function that takes the request back; it is called when the wait is cancelled.
 * @param label Shown by `dump()`. Default: "a callback".
 * @example
 * const line = yield* suspend<string>((resume, fail) => {
 *   reader.question("name? ", resume);
 *   reader.once("error", fail);
 *   return () => reader.close();
 * }, "the user's answer");
 */
export function suspend<T>(start: Start<T>, label = "a callback"): Op<T> {
  return new Suspend(start, label);
}
