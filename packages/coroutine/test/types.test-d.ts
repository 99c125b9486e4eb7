import {
  all,
  type Channel,
  type Co,
  Deferred,
  Local,
  Mutex,
  openScope,
  race,
  retry,
  run,
  Semaphore,
  scope,
  select,
  shield,
  sleep,
  spawn,
  spawnWith,
  type Task,
  timeout,
  until,
} from "@plait/coroutine";
import { describe, expectTypeOf, it } from "vitest";

declare const channel: Channel<string>;
declare function worker(channel: Channel<string>, n: number): Co<number>;
declare function load(url: string): Promise<boolean>;

describe("inference", () => {
  it("takes a task's value from a generator, an async or a plain function", () => {
    expectTypeOf(spawn(worker, channel, 5)).toEqualTypeOf<Task<number>>();
    expectTypeOf(spawn(load, "x")).toEqualTypeOf<Task<boolean>>();
    expectTypeOf(spawn(() => 1n)).toEqualTypeOf<Task<bigint>>();
    expectTypeOf(spawnWith({ name: "w", priority: 0 }, worker, channel, 5)).toEqualTypeOf<Task<number>>();
    expectTypeOf(run(worker, channel, 5)).toEqualTypeOf<Promise<number>>();
    // @ts-expect-error the second argument is a number
    spawn(worker, channel, "nope");
    // @ts-expect-error an argument is missing
    spawn(worker, channel);
  });

  it("gives the same type to yield* and to await", () => {
    function* generator() {
      expectTypeOf(yield* spawn(worker, channel, 5)).toEqualTypeOf<number>();
      expectTypeOf(yield* spawn(load, "x")).toEqualTypeOf<boolean>();
      expectTypeOf(yield* channel.recv()).toEqualTypeOf<string>();
      expectTypeOf(yield* until((signal) => fetch("http://127.0.0.1", { signal }))).toEqualTypeOf<Response>();
      expectTypeOf(yield* timeout(100, channel.recv())).toEqualTypeOf<string>();
      expectTypeOf(
        yield* timeout(100, function* () {
          yield* sleep(1);
          return 1;
        }),
      ).toEqualTypeOf<number>();
      expectTypeOf(yield* new Deferred<Date>()).toEqualTypeOf<Date>();
      expectTypeOf(yield* new Mutex().with(async () => 1)).toEqualTypeOf<number>();
      using permit = yield* new Semaphore(1).acquire();
      expectTypeOf(permit).toEqualTypeOf<Disposable>();
    }
    async function asynchronous() {
      expectTypeOf(await spawn(worker, channel, 5)).toEqualTypeOf<number>();
      expectTypeOf(await channel.recv()).toEqualTypeOf<string>();
      expectTypeOf(await timeout(100, async () => 1)).toEqualTypeOf<number>();
      for await (const value of channel) expectTypeOf(value).toEqualTypeOf<string>();
      await using s = openScope({ limit: 3 });
      expectTypeOf(await s.spawn(load, "x")).toEqualTypeOf<boolean>();
    }
    expectTypeOf(generator).toBeFunction();
    expectTypeOf(asynchronous).toBeFunction();
  });

  it("keeps tuples, unions and keys apart", () => {
    function* generator() {
      const task = spawn(worker, channel, 5);
      expectTypeOf(yield* all([task, channel.recv(), new Deferred<Date>()])).toEqualTypeOf<[number, string, Date]>();
      expectTypeOf(yield* race([task, channel.recv()])).toEqualTypeOf<number | string>();
      const won = yield* select({ text: channel.recv(), number: task });
      if (won.key === "text") expectTypeOf(won.value).toEqualTypeOf<string>();
      else expectTypeOf(won.value).toEqualTypeOf<number>();
      const next = yield* channel.next();
      if (!next.done) expectTypeOf(next.value).toEqualTypeOf<string>();
    }
    expectTypeOf(generator).toBeFunction();
  });

  it("follows bodies through scope, shield, retry and locals", () => {
    function* generator() {
      expectTypeOf(yield* scope((s) => s.spawn(worker, channel, 1))).toEqualTypeOf<number>();
      expectTypeOf(yield* shield(() => load("x"))).toEqualTypeOf<boolean>();
      expectTypeOf(yield* retry(() => worker(channel, 1), { times: 2 })).toEqualTypeOf<number>();
      expectTypeOf(yield* new Local("a").run("b", () => worker(channel, 1))).toEqualTypeOf<number>();
      const outcome = yield* spawn(worker, channel, 5).settled();
      if (outcome.status === "fulfilled") expectTypeOf(outcome.value).toEqualTypeOf<number>();
    }
    expectTypeOf(generator).toBeFunction();
  });

  it("lets a coroutine call itself", () => {
    function* fib(n: number): Co<number> {
      if (n < 2) return n;
      const left = spawn(fib, n - 1);
      return (yield* fib(n - 2)) + (yield* left);
    }
    expectTypeOf(run(fib, 10)).toEqualTypeOf<Promise<number>>();
  });
});
