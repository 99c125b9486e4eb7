// Calls between threads: what arrives, how they are given up, and what a thread's end does to them.
import { ChannelClosed } from "@plait/coroutine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ChannelEnd, channelEnds, openReceiver, openSender, type Receiver } from "../../src/channel/index.ts";
import { remote, UnknownMethodError } from "../../src/remote/index.ts";
import type { RemoteOptions } from "../../src/remote/remote-units.ts";
import { fixture, serving } from "../serving.ts";

async function threads() {
  const served = await serving({ filename: fixture("remote-thread"), watchdog: { report: 0, kill: 0 } });
  const { group } = served;
  const call = (method: string, args: readonly unknown[] = [], options: RemoteOptions = {}, unit = "p1.t1") =>
    group.call(unit, method, args, options);
  return { ...served, call };
}

/** Asks until the answer is the wanted one. */
async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await new Promise(setImmediate);
  }
}

test("a method answers from its own thread, whether it is plain, async or a generator", async () => {
  const { call } = await threads();
  expect(await call("whoami")).toBe("p1.t1");
  expect(await call("whoami", [], {}, "p1.t2")).toBe("p1.t2");
  expect(await call("double", [21])).toBe(42);
  expect(await call("slowly", [1])).toBe("p1.t1");
});

test("threads call each other, and know each other's ids", async () => {
  const { call } = await threads();
  expect(await call("ask", ["p1.t2"])).toBe("p1.t2");
  expect(await call("ask", ["p1.t1"], {}, "p1.t2")).toBe("p1.t1");
  expect(await call("units")).toEqual(["p1.t1", "p1.t2"]);
});

test("what a method throws arrives with its class, code and cause, also through a second thread", async () => {
  const { call } = await threads();
  const expected = { name: "RangeError", message: "sold out", code: "ERR_STOCK", cause: { message: "no stock" } };
  await expect(call("fail", ["ERR_STOCK"])).rejects.toMatchObject(expected);
});

test("only a service's own enumerable functions can be called", async () => {
  const { call } = await threads();
  for (const name of ["constructor", "toString", "__proto__", "inherited", "notAFunction", "", "no.such"]) {
    await expect(call(name)).rejects.toMatchObject({
      code: "ERR_PLAIT_UNKNOWN_METHOD",
      message: expect.stringContaining("it has whoami, slowly"),
    });
  }
});

test("what is no error is thrown as it is", async () => {
  const { call } = await threads();
  await expect(call("throwText", ["sold out"])).rejects.toBe("sold out");
});

test("errors of Plait are of their class in every thread", async () => {
  const { call } = await threads();
  await expect(call("no such")).rejects.toBeInstanceOf(UnknownMethodError);
  expect(await call("caught", ["p2.t1"])).toBe(true);
});

test("arguments and results that can't be cloned are an error that says which", async () => {
  const { call } = await threads();
  const code = "ERR_PLAIT_THREAD_CALL_CLONE";
  await expect(call("double", [() => 1])).rejects.toMatchObject({
    code,
    message: expect.stringMatching(/^the arguments .* \(\) => 1/),
  });
  await expect(call("closure")).rejects.toMatchObject({
    code,
    message: expect.stringMatching(/^the result .* \(\) => 1/),
  });
  expect(await call("whoami")).toBe("p1.t1");
});

test("an endless timeout is none, and what is no time is refused", async () => {
  const { call } = await threads();
  expect(await call("slowly", [5], { timeout: Number.POSITIVE_INFINITY })).toBe("p1.t1");
  await expect(call("whoami", [], { timeout: Number.NaN })).rejects.toThrow(RangeError);
});

test("a call that is given up ends its task over there", async () => {
  const { call } = await threads();
  const abort = new AbortController();
  const given = expect(call("slowly", [60_000], { signal: abort.signal })).rejects.toThrow("enough");
  const late = expect(call("slowly", [60_000], { timeout: 20 })).rejects.toMatchObject({
    code: "ERR_PLAIT_THREAD_CALL_TIMEOUT",
    unit: "p1.t1",
  });
  const seen = () => call("seen") as Promise<{ started: number; cancelled: number }>;
  await eventually(seen, ({ started }) => started === 2);
  abort.abort(new Error("enough"));
  await Promise.all([given, late]);
  await eventually(seen, ({ cancelled }) => cancelled === 2);
});

test("a timeout holds for a thread that is blocked", async () => {
  const { call } = await threads();
  const blocked = call("block", [400]);
  await expect(call("whoami", [], { timeout: 20 })).rejects.toMatchObject({ code: "ERR_PLAIT_THREAD_CALL_TIMEOUT" });
  await expect(call("ask", ["p1.t1", 20], {}, "p1.t2")).rejects.toMatchObject({
    code: "ERR_PLAIT_THREAD_CALL_TIMEOUT",
  });
  await blocked;
  expect(await call("whoami")).toBe("p1.t1");
});

test("an async iterable arrives item by item, and its source is never far ahead", async () => {
  const { call } = await threads();
  const items = (await call("numbers", [200])) as Receiver<number>;
  for (let n = 0; n < 100; n++) expect(await items.recv()).toBe(n);
  const { produced } = (await call("seen")) as { produced: number };
  expect(produced).toBeLessThanOrEqual(100 + 16 + 1);
  const rest: number[] = [];
  for await (const n of items) rest.push(n);
  expect(rest).toEqual(Array.from({ length: 100 }, (_, n) => n + 100));
});

test("an error in the middle of a stream comes after the items before it", async () => {
  const { call } = await threads();
  const items = (await call("numbers", [10, 2])) as Receiver<number>;
  expect([await items.recv(), await items.recv()]).toEqual([0, 1]);
  await expect(Promise.resolve(items.recv())).rejects.toMatchObject({ code: "ERR_DRY" });
});

test("closing a stream runs the cleanup of its source, also while that waits", async () => {
  const { call } = await threads();
  const [numbers, never] = [await call("numbers", [1e6]), await call("never")] as [Receiver<number>, Receiver<string>];
  await numbers.recv();
  await never.recv();
  numbers.close();
  never.close();
  const ended = (count: number) =>
    eventually(
      () => call("seen") as Promise<{ ended: number }>,
      (seen) => seen.ended === count,
    );
  await ended(2);
  for await (const first of (await call("numbers", [1e6])) as Receiver<number>) if (first === 3) break;
  await ended(3);
});

test("the end of a channel can be an argument", async () => {
  const { call } = await threads();
  const { sender, receiver } = channelEnds();
  const sum = call("sum", [receiver]);
  const numbers = openSender<number>(sender);
  for (let n = 1; n <= 100; n++) await numbers.send(n);
  numbers.close();
  expect(await sum).toBe(5050);
});

test("the end of a channel that its call does not get to its thread is closed", async () => {
  const { call } = await threads();
  for (const [unit, method, options] of [
    ["p1.t7", "sum", {}],
    ["p1.t1", "no such", {}],
    ["p1.t1", "sum", { signal: AbortSignal.abort() }],
    ["p1.t1", "sum", { timeout: Number.NaN }],
  ] as const) {
    const { sender, receiver } = channelEnds({ capacity: 1 });
    await call(method, [receiver], options, unit).catch(() => {});
    const numbers = openSender<number>(sender);
    const sent = async () => {
      for (;;) await numbers.send(1);
    };
    await expect(sent()).rejects.toBeInstanceOf(ChannelClosed);
  }
});

test("the end of a channel that is open or was given away is refused, and stays as it is", async () => {
  const { call } = await threads();
  const { sender, receiver } = channelEnds({ capacity: 1, name: "numbers" });
  const here = openReceiver<number>(receiver);
  const isOpen = { code: "ERR_PLAIT_CHANNEL_END", message: expect.stringContaining('"numbers" is open already') };
  await expect(call("sum", [receiver])).rejects.toMatchObject(isOpen);
  const numbers = openSender<number>(sender);
  await numbers.send(1);
  expect(await here.recv()).toBe(1);
  here.close();

  const moved = channelEnds({ name: "numbers" });
  const sum = call("sum", [moved.receiver]);
  const to = openSender<number>(moved.sender);
  await to.send(2);
  await expect(call("sum", [moved.receiver])).rejects.toMatchObject({ code: "ERR_PLAIT_CHANNEL_END" });
  expect(() => openReceiver(moved.receiver)).toThrow(/given to another thread/);
  to.close();
  expect(await sum).toBe(2);
});

test("the end of a channel can be a result", async () => {
  const { call } = await threads();
  const end = (await call("opened", ["value"])) as ChannelEnd;
  expect(await Array.fromAsync(openReceiver<string>(end))).toEqual(["value"]);
});

test("a thread that ends rejects its calls with how it did, for the main thread and for another thread", async () => {
  const { call, until } = await threads();
  const waiting = call("slowly", [60_000]);
  const elsewhere = call("askToSleep", ["p1.t1", 60_000], {}, "p1.t2");
  const expected = {
    code: "ERR_PLAIT_THREAD_EXITED",
    unit: "p1.t1",
    message: expect.stringMatching(/ended before it answered: .*3/),
  };
  const both = [expect(waiting).rejects.toMatchObject(expected), expect(elsewhere).rejects.toMatchObject(expected)];
  await call("whoami", [], {}, "p1.t2");
  await expect(call("exit", [3])).rejects.toMatchObject(expected);
  await Promise.all(both);
  await until(({ type, ...event }) => type === "ready" && "incarnation" in event && event.incarnation === 2);
  expect(await call("whoami")).toBe("p1.t1");
  expect(await call("ask", ["p1.t1"], {}, "p1.t2")).toBe("p1.t1");
});

test("a stream whose thread ends gives what came, then an error that says how it did", async () => {
  const { call } = await threads();
  const items = (await call("never")) as Receiver<string>;
  expect(await items.recv()).toBe("first");
  const ended = expect(Promise.resolve(items.recv())).rejects.toMatchObject({
    code: "ERR_PLAIT_CHANNEL_BROKEN",
    cause: { code: "ERR_PLAIT_THREAD_EXITED", unit: "p1.t1", message: expect.stringContaining("process.exit(3)") },
  });
  await call("exit", [3]).catch(() => {});
  await ended;
});

test("an id that nobody serves under is refused with the ids that are served", async () => {
  const { call } = await threads();
  const expected = { code: "ERR_PLAIT_UNIT_NOT_SERVING", message: expect.stringContaining("p1.t1, p1.t2") };
  await expect(call("whoami", [], {}, "p2.t1")).rejects.toMatchObject(expected);
  await expect(call("ask", ["p2.t1"])).rejects.toMatchObject(expected);
});

test("outside the units of a service there is nobody to call", async () => {
  await expect(Promise.resolve(remote<{ methods: { f(): void } }>("p1.t1").f())).rejects.toMatchObject({
    code: "ERR_PLAIT_NO_UNITS",
  });
});

test("no call stays pending, whenever its thread is ended", async () => {
  const { group, call, until } = await threads();
  let incarnation = 1;
  const methods = fc.constantFrom("whoami", "slowly", "numbers", "ask", "askToSleep");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(methods, fc.nat(30)), { minLength: 1, maxLength: 15 }),
      fc.nat(60),
      async (plan, life) => {
        await until((event) => event.type === "ready" && event.unit === "p1.t1" && event.incarnation === incarnation);
        const outcomes = plan.map(async ([method, delay]) => {
          await turns(delay);
          const caller = method.startsWith("ask") ? "p1.t2" : "p1.t1";
          // Not for ever: a call that comes late is answered by the next thread of the slot.
          const args = method.startsWith("ask") ? ["p1.t1", 300] : [300];
          try {
            const answer = await call(method, args, {}, caller);
            if (method === "numbers") for await (const _ of answer as Receiver<number>);
            return "answered";
          } catch (error) {
            return (error as { code?: string }).code;
          }
        });
        await turns(life);
        group.slots[0]?.running?.kill();
        incarnation++;
        for (const outcome of await Promise.all(outcomes)) {
          expect([
            "answered",
            "ERR_PLAIT_THREAD_EXITED",
            "ERR_PLAIT_CHANNEL_BROKEN",
            "ERR_PLAIT_UNIT_NOT_SERVING",
          ]).toContain(outcome);
        }
      },
    ),
    // One more restart than a slot is forgiven would end the group.
    { numRuns: 5, endOnFailure: true, includeErrorInReport: true },
  );
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

test("threads share memory by name, also with one that comes later", async () => {
  const { group, call } = await threads();
  expect(await call("count", ["hits", 4])).toBe(0);
  expect(await call("count", ["hits", 4], {}, "p1.t2")).toBe(1);
  expect(await call("count", ["others", 4])).toBe(0);
  await expect(call("count", ["hits", 8])).rejects.toMatchObject({
    code: "ERR_PLAIT_SHARED_MEMORY",
    message: expect.stringContaining("it has 4 bytes, and 8 were asked for"),
  });
  for (const [name, bytes] of [
    ["none", 0],
    ["none", Number.NaN],
    ["huge", 1e15],
    [undefined, 4],
  ]) {
    await expect(call("count", [name, bytes])).rejects.toMatchObject({ code: "ERR_PLAIT_SHARED_MEMORY" });
  }
  await call("exit", [0]).catch(() => {});
  await eventually(
    async () => group.slots[0]?.incarnation,
    (incarnation) => incarnation === 2,
  );
  await eventually(
    () => call("count", ["hits", 4]).catch(() => undefined),
    (count) => count !== undefined && Number(count) >= 2,
  );
});
