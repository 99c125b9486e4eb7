// A task for each item of an iterable, several at once.
import { type Next, type Op, until } from "@plait/coroutine";
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
  if (!(concurrency >= 1)) throw new RangeError(`A map can't run ${concurrency} calls at once. Let it run 1 or more.`);
  return new MappedResults(call, iteratorOf(items), concurrency, ordered, signal);
}

class MappedResults<A, R> implements OffloadResults<R> {
  readonly #call: Call<A, R>;
  readonly #source: Iterator<A> | AsyncIterator<A>;
  readonly #concurrency: number;
  readonly #ordered: boolean;
  readonly #cancel = new AbortController();
  /** Rejects when the caller's signal aborts. */
  readonly #aborted = Promise.withResolvers<never>();
  readonly #forgetSignal: () => void;
  /** Calls under way, and those that ended and were not taken, in the order of the items. */
  readonly #calls: Settling<R>[] = [];
  /** The item that is being read. */
  #reading: Promise<void> | undefined;
  #exhausted = false;
  /** The result that somebody waits for, kept until it is taken. */
  #next: Promise<Next<R>> | undefined;

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
    this.#aborted.promise.catch(() => {});
    const abort = () => this.#aborted.reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    this.#forgetSignal = () => signal?.removeEventListener("abort", abort);
  }

  next(): Op<Next<R>> {
    return until(async () => {
      this.#next ??= this.#advance();
      const taken = this.#next;
      try {
        return await taken;
      } finally {
        if (this.#next === taken) this.#next = undefined;
      }
    });
  }

  close(): void {
    if (this.#cancel.signal.aborted) return;
    this.#exhausted = true;
    this.#forgetSignal();
    this.#cancel.abort(new Error("the map was closed"));
    this.#calls.length = 0;
    void this.#source.return?.();
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

  async #advance(): Promise<Next<R>> {
    try {
      for (;;) {
        this.#fill();
        await this.#calls.find((call) => call.failed)?.promise;
        const ready = this.#take();
        if (ready) return { done: false, value: await ready.promise };
        if (this.#calls.length === 0 && !this.#reading) return { done: true, value: undefined };
        await Promise.race([...this.#awaited(), this.#aborted.promise]);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Takes the call whose result is next, if it has ended. */
  #take(): Settling<R> | undefined {
    const index = this.#ordered ? 0 : this.#calls.findIndex((call) => call.ended);
    return this.#calls[index]?.ended ? this.#calls.splice(index, 1)[0] : undefined;
  }

  /** Whatever may bring the next result, or an error: in order, a later call may still fail. */
  #awaited(): Promise<unknown>[] {
    const pending = this.#calls.filter((call) => !call.ended).map((call) => call.settled);
    return this.#reading ? [...pending, this.#reading] : pending;
  }

  /** Reads an item if there is room for its call; goes on by itself until there is none. */
  #fill(): void {
    if (this.#reading || this.#exhausted || this.#calls.length >= this.#concurrency) return;
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
      this.#fill();
    });
    // Whoever waits for the next result gets the error: `#advance` races it.
    this.#reading.catch(() => {});
  }

  async #read(): Promise<void> {
    try {
      const { done, value } = await this.#source.next();
      if (this.#exhausted) return;
      if (done) this.#exhausted = true;
      else this.#calls.push(new Settling(this.#call(value, this.#cancel.signal)));
    } catch (error) {
      this.#exhausted = true;
      this.#calls.push(new Settling(Promise.reject(error)));
    }
  }
}

/** A promise that can be asked whether it has settled. */
class Settling<R> {
  readonly promise: Promise<R>;
  readonly settled: Promise<void>;
  ended = false;
  failed = false;

  constructor(promise: Promise<R>) {
    this.promise = promise;
    this.settled = promise.then(
      () => {
        this.ended = true;
      },
      () => {
        this.ended = this.failed = true;
      },
    );
  }
}

function iteratorOf<A>(items: Iterable<A> | AsyncIterable<A>): Iterator<A> | AsyncIterator<A> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}
