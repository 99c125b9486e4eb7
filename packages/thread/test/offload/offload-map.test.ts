import { getEventListeners, once } from "node:events";
import { Cancelled, run, spawn, timeout, until } from "@plait/coroutine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mapOver } from "../../src/offload/offload-map.ts";

/** A call that ends after so many turns of the loop. */
async function after(turns: number): Promise<number> {
  for (let i = 0; i < turns; i++) await new Promise(setImmediate);
  return turns;
}

async function passed(microtasks: number): Promise<void> {
  for (let i = 0; i < microtasks; i++) await undefined;
}

async function* arriving(items: readonly number[]): AsyncGenerator<number> {
  for (const item of items) {
    await after(item % 3);
    yield item;
  }
}

test("every result comes once, in order when asked, with no more calls at once than allowed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(5), { maxLength: 20 }),
      fc.integer({ min: 1, max: 6 }),
      fc.boolean(),
      fc.boolean(),
      async (items, concurrency, ordered, slowSource) => {
        let under = 0;
        let most = 0;
        const call = async (turns: number) => {
          most = Math.max(most, ++under);
          const result = await after(turns);
          under--;
          return result;
        };
        const results = await Array.fromAsync(
          mapOver(call, slowSource ? arriving(items) : items, { concurrency, ordered }),
        );
        expect(most).toBeLessThanOrEqual(concurrency);
        if (ordered) expect(results).toEqual(items);
        else expect(results.sort()).toEqual([...items].sort());
      },
    ),
    { numRuns: 60 },
  );
});

test("as they come, a short call overtakes a long one", async () => {
  expect(await Array.fromAsync(mapOver(after, [30, 1, 2], { concurrency: 3, ordered: false }))).toEqual([1, 2, 30]);
});

test("no more items are read than results are taken, plus the calls allowed at once", async () => {
  let read = 0;
  function* counted() {
    for (;;) yield ++read;
  }
  await run(function* () {
    using results = mapOver(async (n: number) => n, counted(), { concurrency: 3, ordered: true });
    for (let n = 1; n <= 10; n++) {
      expect(yield* results.next()).toEqual({ done: false, value: n });
      expect(read).toBeLessThanOrEqual(n + 3);
    }
  });
});

test("the first error ends the map, cancels the calls under way and returns the source", async () => {
  let returned = false;
  let cancelled = 0;
  function* source() {
    try {
      yield* [1, 2, 3, 4];
    } finally {
      returned = true;
    }
  }
  const call = (n: number, signal: AbortSignal) =>
    n === 2
      ? Promise.reject(new Error("two"))
      : new Promise<number>((_, reject) => {
          signal.addEventListener("abort", () => {
            cancelled++;
            reject(signal.reason);
          });
        });
  await expect(Array.fromAsync(mapOver(call, source(), { concurrency: 3, ordered: false }))).rejects.toThrow("two");
  expect({ returned, cancelled }).toEqual({ returned: true, cancelled: 2 });
});

test("an error of the source ends the map", async () => {
  function* source() {
    yield 1;
    throw new Error("no more lines");
  }
  await expect(Array.fromAsync(mapOver(after, source(), { concurrency: 2, ordered: true }))).rejects.toThrow(
    "no more lines",
  );
});

test("leaving a for await closes the map", async () => {
  const cancelled = Promise.withResolvers<void>();
  const call = (n: number, signal: AbortSignal) =>
    n === 1
      ? Promise.resolve(1)
      : new Promise<number>(() => signal.addEventListener("abort", () => cancelled.resolve()));
  for await (const n of mapOver(call, [1, 2, 3], { concurrency: 2, ordered: true })) {
    expect(n).toBe(1);
    break;
  }
  await cancelled.promise;
});

test("in order, an error of a later item does not wait for the items before it", async () => {
  const call = (n: number) => (n === 2 ? Promise.reject(new Error("two")) : new Promise<number>(() => {}));
  await expect(Array.fromAsync(mapOver(call, [1, 2], { concurrency: 2, ordered: true }))).rejects.toThrow("two");
});

test("a signal ends a map whose source has nothing to say", async () => {
  const abort = new AbortController();
  let returned = false;
  const silent: AsyncIterableIterator<number> = {
    next: () => new Promise(() => {}),
    return: async () => {
      returned = true;
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => silent,
  };
  const results = mapOver(after, silent, { concurrency: 1, ordered: true, signal: abort.signal });
  const next = expect(results.next()).rejects.toThrow("enough");
  abort.abort(new Error("enough"));
  await next;
  expect(returned).toBe(true);
});

test("a map that is at its end lets go of its signal", async () => {
  const { signal } = new AbortController();
  const results = mapOver(after, [1, 2], { concurrency: 1, ordered: true, signal });
  for (let next = await results.next(); !next.done; next = await results.next());
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a result whose wait was taken back comes with the next one", async () => {
  const gate = Promise.withResolvers<void>();
  const call = async (n: number) => {
    await gate.promise;
    return n;
  };
  const results = mapOver(call, [1, 2], { concurrency: 1, ordered: true });
  await expect(run(() => timeout(1, results.next()))).rejects.toMatchObject({ name: "TimeoutError" });
  gate.resolve();
  await after(3);
  expect(await Array.fromAsync(results)).toEqual([1, 2]);
});

test("an error whose wait was taken back comes with the next one, whenever that was", async () => {
  for (let microtasks = 0; microtasks < 10; microtasks++) {
    const gate = Promise.withResolvers<number>();
    const results = mapOver(() => gate.promise, [1, 2], { concurrency: 1, ordered: true });
    const told = await run(function* () {
      const thrown: unknown[] = [];
      const next = function* () {
        try {
          thrown.push(yield* results.next());
        } catch (error) {
          if (error instanceof Cancelled) throw error;
          thrown.push((error as Error).message);
        }
      };
      const waiting = spawn(next);
      yield* until(after(1));
      gate.reject(new Error("two"));
      yield* until(passed(microtasks));
      yield* waiting.cancel();
      yield* next();
      return thrown;
    });
    expect(told.filter((one) => one === "two")).toHaveLength(1);
  }
});

test("several who wait get a result each", async () => {
  const results = mapOver(after, [3, 2, 1], { concurrency: 2, ordered: false });
  const next = await Promise.all([1, 2, 3, 4].map(() => results.next()));
  expect(next.map(({ value }) => value).sort()).toEqual([1, 2, 3, undefined]);
});

test("closing ends a wait for items that never come", async () => {
  const silent = { next: () => new Promise<never>(() => {}) };
  const results = mapOver(after, { [Symbol.asyncIterator]: () => silent }, { concurrency: 1, ordered: true });
  const next = expect(results.next()).resolves.toEqual({ done: true, value: undefined });
  results.close();
  await next;
});

test("items that fail when they are closed are told of, and don't hide the error of the map", async () => {
  async function* source() {
    try {
      yield* [1, 2, 3];
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: that is what is tested
      throw new Error("can't close the file");
    }
  }
  const warned = once(process, "warning");
  const call = () => Promise.reject(new Error("one"));
  await expect(Array.fromAsync(mapOver(call, source(), { concurrency: 1, ordered: true }))).rejects.toThrow("one");
  expect(await warned).toMatchObject([
    { code: "PLAIT_OFFLOAD_MAP", message: expect.stringContaining("can't close the file") },
  ]);
});

test("a string is its characters", async () => {
  const call = async (letter: string) => letter.toUpperCase();
  expect(await Array.fromAsync(mapOver(call, "abc", { concurrency: 2, ordered: true }))).toEqual(["A", "B", "C"]);
});

test("what is no number of calls, or nothing to go through, is refused", () => {
  const refused = expect.objectContaining({ code: "ERR_PLAIT_INVALID_ARGUMENT" });
  for (const concurrency of [0, -1, Number.NaN, "2"] as number[]) {
    expect(() => mapOver(after, [1], { concurrency, ordered: true })).toThrow(refused);
  }
  for (const items of [undefined, 5, {}] as never[]) {
    expect(() => mapOver(after, items, { concurrency: 1, ordered: true })).toThrow(refused);
  }
});
