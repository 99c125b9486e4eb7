// The types every signature is made of: what can be waited for, and what a coroutine function may be.

/**
 * Something to wait for. The same object works in a generator (`yield* op`) and in an async function (`await op`).
 * Lazy: nothing starts before it is waited on.
 *
 * @example
 * const pause = sleep(10);
 * await run(function* () { yield* pause; });
 */
export interface Op<T> extends PromiseLike<T> {
  [Symbol.iterator](): Iterator<Op<unknown>, T, unknown>;
}

/** The return type to write on a recursive or exported coroutine function: `function* fib(n: number): Co<number>`. */
export type Co<T> = Generator<Op<unknown>, T, unknown>;

/** What a coroutine function may be: a generator (the fast path), an async function, or a plain function. */
export type Fn<A extends readonly never[] = never[]> = (...args: A) => unknown;

/** What a coroutine function ends with: a generator's return value, or the awaited return value of any other function. */
export type Result<F extends Fn> =
  ReturnType<F> extends Generator<infer _Y, infer R, infer _N> ? R : Awaited<ReturnType<F>>;

/** What an operation gives: `Value<Op<number>>` is `number`. */
export type Value<O> = O extends Op<infer V> ? V : never;
