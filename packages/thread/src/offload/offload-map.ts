// A task for each item of an iterable, several at once.
import { InvalidArgumentError, type Next, type Op, until } from "@plait/coroutine";
import { words } from "../thrown.ts";
import type { OffloadOptions } from "./call.ts";

/** Options of `offload.map`; those of a call hold for each item. */
export interface OffloadMapOptions extends Omit<OffloadOptions, "transfer"> {
  /** Calls under way at once, results that nobody took yet included. Default: the pool's threads. */
  readonly concurrency?: number;
  /** Results in the order of the items, or as they come. Default true. */
  readonly ordered?: boolean;
}

/**
 * The results of `offload.map`: `yield* results.next()` in a generator, `for await` in an async function. Items are
 * read from the source only as room for them is made. The first error ends it at once, and cancels what is under way,
 * whichever item it is of; so does the caller's signal, and so does `close`, which `using` and the end of a `for await` call.
 */
export interface OffloadResults<R> extends AsyncIterable<R, void>, Disposable {
  /** Waits for the next result. Taken back, the wait loses none. */
  next(): Op<Next<R>>;
  /** Cancels what is under way and reads no more items. Idempotent. */
  close(): void;
}

type Call<A, R> = (item: A, cancelled: AbortSignal) => Promise<R>;

/** What {@link OffloadMapOptions} come to. */
export interface MapLimits {
  readonly concurrency: number;
  readonly ordered: boolean;
  readonly signal?: AbortSignal | undefined;
}

export function mapOver<A, R>(
  call: Call<A, R>,
  items: Iterable<A> | AsyncIterable<A>,
  { concurrency, ordered, signal }: MapLimits,
): OffloadResults<R> {
  if (!(typeof concurrency === "number" && concurrency >= 1)) {
    throw new InvalidArgumentError(`A map can't run ${concurrency} calls at once. Let it run 1 or more.`);
  }
  return new MappedResults(call, iteratorOf(items), concurrency, ordered, signal);
}

class MappedResults<A, R> implements OffloadResults<R> {
  readonly #call: Call<A, R>;
  readonly #source: Iterator<A> | AsyncIterator<A>;
  readonly #concurrency: number;
  readonly #ordered: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #cancel = new AbortController();
  /** Calls under way, and those that ended and were not taken, in the order of the items. */
  readonly #calls: Settling<R>[] = [];
  #reading = false;
  #exhausted = false;
  /** The error that ended it, when the wait that was to throw it was taken back. */
  #untold: { readonly error: unknown } | undefined;
  /** Resolves, and is made anew, when there may be a next result, or none any more. */
  #changed = Promise.withResolvers<void>();

  constructor(
    call: Call<A, R>,
    source: Iterator<A> | AsyncIterator<A>,
    concurrency: number,
    ordered: boolean,
    signal: AbortSignal | undefined,
  ) {
    this.#call = call;
    this.#source = source;
    this.#concurrency = concurrency;
    this.#ordered = ordered;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#tell);
  }

  next(): Op<Next<R>> {
    return until(async (takenBack) => {
      const call = await this.#ended(takenBack);
      return call ? { done: false, value: await call.promise } : { done: true, value: undefined };
    });
  }

  close(): void {
    this.#untold = undefined;
    if (this.#closed) return;
    this.#exhausted = true;
    this.#signal?.removeEventListener("abort", this.#tell);
    this.#cancel.abort(new Error("the map was closed"));
    this.#calls.length = 0;
    this.#tell();
    void this.#leaveSource();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, void> {
    try {
      for (let next = await this.next(); !next.done; next = await this.next()) yield next.value;
    } finally {
      this.close();
    }
  }

  get #closed(): boolean {
    return this.#cancel.signal.aborted;
  }

  /**
   * The next call that has ended well; undefined when there is none any more. One whose wait is taken back stays, and so
   * does an error.
   */
  async #ended(takenBack: AbortSignal): Promise<Settling<R> | undefined> {
    try {
      if (this.#untold) throw this.#untold.error;
      while (!this.#closed && !takenBack.aborted) {
        this.#signal?.throwIfAborted();
        this.#fill();
        const failed = this.#calls.find((call) => call.failed);
        if (failed) await failed.promise;
        const call = this.#take();
        if (call) {
          takenBack.addEventListener("abort", () => this.#putBack(call));
          return call;
        }
        if (this.#calls.length === 0 && !this.#reading) {
          this.#signal?.removeEventListener("abort", this.#tell);
          return undefined;
        }
        await this.#changed.promise;
      }
      return undefined;
    } catch (error) {
      this.close();
      const keep = () => {
        this.#untold = { error };
      };
      if (takenBack.aborted) keep();
      else takenBack.addEventListener("abort", keep);
      throw error;
    }
  }

  /** Takes the call whose result is next, if it has ended. */
  #take(): Settling<R> | undefined {
    const index = this.#ordered ? 0 : this.#calls.findIndex((call) => call.ended);
    return this.#calls[index]?.ended ? this.#calls.splice(index, 1)[0] : undefined;
  }

  #putBack(call: Settling<R>): void {
    if (this.#closed) return;
    this.#calls.unshift(call);
    this.#tell();
  }

  readonly #tell = (): void => {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  };

  /** Reads an item if there is room for its call; goes on by itself until there is none. */
  #fill(): void {
    if (this.#reading || this.#exhausted || this.#calls.length >= this.#concurrency) return;
    this.#reading = true;
    void this.#read().finally(() => {
      this.#reading = false;
      this.#fill();
      this.#tell();
    });
  }

  async #read(): Promise<void> {
    try {
      const { done, value } = await this.#source.next();
      if (this.#exhausted) return;
      if (done) this.#exhausted = true;
      else this.#calls.push(new Settling(this.#call(value, this.#cancel.signal), this.#tell));
    } catch (error) {
      this.#exhausted = true;
      this.#calls.push(new Settling(Promise.reject(error), this.#tell));
    }
  }

  async #leaveSource(): Promise<void> {
    try {
      await this.#source.return?.();
    } catch (error) {
      // Whoever closes does not wait for it.
      process.emitWarning(`The items of a map failed when they were closed: ${words(error)}`, {
        code: "PLAIT_OFFLOAD_MAP",
      });
    }
  }
}

/** A promise that can be asked whether it has settled. */
class Settling<R> {
  readonly promise: Promise<R>;
  ended = false;
  failed = false;

  constructor(promise: Promise<R>, told: () => void) {
    this.promise = promise;
    const settle = (failed: boolean) => {
      this.ended = true;
      this.failed = failed;
      told();
    };
    promise.then(
      () => settle(false),
      () => settle(true),
    );
  }
}

function iteratorOf<A>(items: Iterable<A> | AsyncIterable<A>): Iterator<A> | AsyncIterator<A> {
  const { [Symbol.asyncIterator]: open, [Symbol.iterator]: openSync } = Object(items) as AsyncIterable<A> & Iterable<A>;
  if (open) return open.call(items);
  if (openSync) return openSync.call(items);
  throw new InvalidArgumentError(`A map can't go through ${items}. Give it an array or another iterable.`);
}
