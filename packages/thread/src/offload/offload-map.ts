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
 * read from the source only as room for them is made. The first error ends it, and cancels what is under way; so does
 * `close`, which `using` and the end of a `for await` call.
 */
export interface OffloadResults<R> extends AsyncIterable<R, void>, Disposable {
  /** Waits for the next result. Taken back, the wait loses none. */
  next(): Op<Next<R>>;
  /** Cancels what is under way and reads no more items. Idempotent. */
  close(): void;
}

type Call<A, R> = (item: A, cancelled: AbortSignal) => Promise<R>;

export function mapOver<A, R>(
  call: Call<A, R>,
  items: Iterable<A> | AsyncIterable<A>,
  concurrency: number,
  ordered: boolean,
): OffloadResults<R> {
  if (!(concurrency >= 1)) throw new RangeError(`A map can't run ${concurrency} calls at once. Let it run 1 or more.`);
  return new MappedResults(call, iteratorOf(items), concurrency, ordered);
}

class MappedResults<A, R> implements OffloadResults<R> {
  readonly #call: Call<A, R>;
  readonly #source: Iterator<A> | AsyncIterator<A>;
  readonly #concurrency: number;
  readonly #ordered: boolean;
  readonly #cancel = new AbortController();
  /** Calls under way, and those that ended and were not taken, in the order of the items. */
  readonly #calls: Settling<R>[] = [];
  /** The item that is being read. */
  #reading: Promise<void> | undefined;
  #exhausted = false;
  /** The result that somebody waits for, kept until it is taken. */
  #next: Promise<Next<R>> | undefined;

  constructor(call: Call<A, R>, source: Iterator<A> | AsyncIterator<A>, concurrency: number, ordered: boolean) {
    this.#call = call;
    this.#source = source;
    this.#concurrency = concurrency;
    this.#ordered = ordered;
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
        const ready = this.#take();
        if (ready) return { done: false, value: await ready.promise };
        if (this.#calls.length === 0 && !this.#reading) return { done: true, value: undefined };
        await Promise.race([...this.#awaited(), ...(this.#reading ? [this.#reading] : [])]);
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

  #awaited(): Promise<unknown>[] {
    const awaited = this.#ordered ? this.#calls.slice(0, 1) : this.#calls;
    return awaited.map((call) => call.settled);
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

  constructor(promise: Promise<R>) {
    this.promise = promise;
    const end = () => {
      this.ended = true;
    };
    this.settled = promise.then(end, end);
  }
}

function iteratorOf<A>(items: Iterable<A> | AsyncIterable<A>): Iterator<A> | AsyncIterator<A> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}
