// Waiting for a promise, with an abort signal for whoever makes it.
import { runAs } from "./current.ts";
import { loop } from "./loop.ts";
import type { Op } from "./op.ts";
import { Operation, type WaitKind } from "./operation.ts";
import { PerWaiter } from "./per-waiter.ts";
import type { Waiter } from "./waiter.ts";

/** A promise, or what makes one. */
export type Source<T> = PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>);

/** One wait on a promise, while its outcome is still wanted. */
class Request {
  readonly controller: AbortController | undefined;

  constructor(controller: AbortController | undefined) {
    this.controller = controller;
  }
}

class Until<T> extends Operation<T> {
  readonly #source: Source<T>;
  readonly #requests = new PerWaiter<Request>();

  constructor(source: Source<T>) {
    super();
    this.#source = source;
  }

  poll(): boolean {
    return false;
  }

  park(waiter: Waiter): void {
    const request = new Request(typeof this.#source === "function" ? new AbortController() : undefined);
    this.#requests.set(waiter, request);
    let promise: PromiseLike<T>;
    try {
      promise = this.#promise(request, waiter);
    } catch (error) {
      this.#requests.take(waiter, request);
      waiter.fail(error);
      return;
    }
    // Keep both handlers after a withdrawal: without them an aborted source is reported as an unhandled rejection.
    promise.then(
      (value) => {
        if (!this.#requests.take(waiter, request)) return;
        waiter.resume(value);
        loop.drainNow();
      },
      (error) => {
        if (!this.#requests.take(waiter, request)) return;
        waiter.fail(error);
        loop.drainNow();
      },
    );
  }

  #promise(request: Request, waiter: Waiter): PromiseLike<T> {
    const source = this.#source;
    const { controller } = request;
    if (typeof source !== "function" || controller === undefined) return source as PromiseLike<T>;
    const { task } = waiter;
    const start = () => source(controller.signal);
    return task === undefined ? start() : runAs(task, start);
  }

  withdraw(waiter: Waiter): boolean {
    const request = this.#requests.get(waiter);
    if (request !== undefined && this.#requests.take(waiter, request)) {
      request.controller?.abort(waiter.task?.cancelled ?? undefined);
    }
    return true;
  }

  describe(): string {
    return "a promise";
  }

  override get kind(): WaitKind {
    return "outside";
  }
}

/**
 * Waits for a promise, or for the promise a function makes when it is given an `AbortSignal`. On cancel the wait ends
 * at once and the signal is aborted; what becomes of the promise afterwards is ignored.
 *
 * @throws What the promise rejects with.
 * @example
 * const response = yield* until((signal) => fetch(url, { signal }));
 */
export function until<T>(source: Source<T>): Op<T> {
  return new Until(source);
}
