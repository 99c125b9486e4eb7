import {
  all,
  Channel,
  Deferred,
  Event,
  NotAnOperationError,
  race,
  run,
  Semaphore,
  scope,
  select,
  sleep,
  spawn,
  suppressed,
  yieldNow,
} from "@plait/coroutine";
import { describe, expect, it } from "vitest";
import { onVirtualTime } from "./quiet.ts";

onVirtualTime();

describe("all", () => {
  it("gives every value in order", async () => {
    const channel = new Channel<string>(1);
    channel.trySend("b");
    const got = await run(function* () {
      const task = spawn(function* () {
        yield* sleep(2);
        return 1;
      });
      return yield* all([task, channel.recv(), sleep(1)]);
    });
    expect(got).toEqual([1, "b", undefined]);
    expect(await run(() => all([]))).toEqual([]);
  });

  it("throws the first failure and puts back what the others had taken", async () => {
    const channel = new Channel<string>(1);
    const permits = new Semaphore(1);
    const broken = new Deferred<never>();
    channel.trySend("kept");
    await run(function* () {
      spawn(function* () {
        yield* sleep(1);
        broken.reject(new Error("broken"));
      });
      let error: unknown;
      try {
        yield* all([channel.recv(), permits.acquire(), broken]);
      } catch (caught) {
        error = caught;
      }
      expect(error).toMatchObject({ message: "broken" });
    });
    expect(channel.tryRecv()).toEqual({ ok: true, value: "kept" });
    expect(permits.available).toBe(1);
  });

  it("puts back what it had taken when it is cancelled", async () => {
    const channel = new Channel<string>(1);
    channel.trySend("kept");
    await run(function* () {
      const task = spawn(() => all([channel.recv(), sleep(10_000)]));
      yield* sleep(1);
      expect(channel.size).toBe(0);
      yield* task.cancel();
    });
    expect(channel.tryRecv()).toEqual({ ok: true, value: "kept" });
  });
});

describe("race", () => {
  it("gives the first to end and takes the others back", async () => {
    const channel = new Channel<string>(1);
    expect(await run(() => race([channel.recv(), sleep(2)]))).toBeUndefined();
    channel.trySend("kept");
    expect(channel.size).toBe(1);
  });

  it("prefers the first listed of those that are ready", async () => {
    const [a, b] = [new Channel<string>(1), new Channel<string>(1)];
    a.trySend("a");
    b.trySend("b");
    expect(await run(() => race([a.recv(), b.recv()]))).toBe("a");
    expect(b.size).toBe(1);
  });

  it("cancels a body that lost, and goes on only after its cleanup", async () => {
    const log: string[] = [];
    await run(() =>
      race([
        sleep(2),
        scope(function* slow() {
          try {
            yield* sleep(10_000);
          } finally {
            log.push("unwound");
          }
        }),
      ]),
    );
    expect(log).toEqual(["unwound"]);
  });

  it("does not lose the error of a body that broke while it was being stopped", async () => {
    const failed = run(() =>
      race([
        sleep(2),
        scope(function* () {
          try {
            yield* sleep(10_000);
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: cleanup that fails is the case under test.
            throw new Error("broke");
          }
        }),
      ]),
    );
    await expect(failed).rejects.toThrow("broke");
    const both = await run(() =>
      race([
        scope(function* () {
          yield* sleep(1);
          throw new Error("first");
        }),
        scope(function* () {
          try {
            yield* sleep(10_000);
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: cleanup that fails is the case under test.
            throw new Error("second");
          }
        }),
      ]),
    ).catch((error: Error) => error);
    expect(both).toMatchObject({ message: "first" });
    expect(suppressed(both)).toMatchObject([{ message: "second" }]);
  });

  it("may wait for one task in several ways", async () => {
    await run(function* () {
      const task = spawn(function* () {
        yield* sleep(1);
        return "once";
      });
      expect(yield* race([task, task.join(), task])).toBe("once");
      const other = spawn(function* () {
        yield* sleep(1);
      });
      expect((yield* select({ join: other.join(), settled: other.settled() })).key).toBe("join");
    });
  });

  it("leaves a task that lost running", async () => {
    await run(function* () {
      const task = spawn(function* () {
        yield* sleep(4);
        return "still here";
      });
      yield* race([task, sleep(1)]);
      expect(task.state).toBe("waiting");
      expect(yield* task).toBe("still here");
    });
  });
});

describe("select", () => {
  it("says which case won, and with what", async () => {
    const channel = new Channel<number>();
    const won = await run(function* () {
      spawn(function* () {
        yield* channel.send(5);
      });
      return yield* select({ value: channel.recv(), tick: sleep(1000) });
    });
    expect(won).toEqual({ key: "value", value: 5 });
  });

  it("lets a lost send deliver nothing and a lost receive consume nothing", async () => {
    const [out, inn] = [new Channel<number>(), new Channel<number>()];
    await run(function* () {
      const stop = new Event();
      const task = spawn(() => select({ out: out.send(1), inn: inn.recv(), stop: stop.wait() }));
      yield* yieldNow();
      stop.set();
      expect(yield* task).toMatchObject({ key: "stop" });
      expect(out.tryRecv()).toEqual({ ok: false });
      expect(inn.trySend(2)).toBe(false);
    });
  });

  it("gives every ready case its chance, unless told to prefer the first", async () => {
    const wins = { a: 0, b: 0 };
    const ready = new Event();
    ready.set();
    await run(function* () {
      for (let i = 0; i < 400; i++) wins[(yield* select({ a: ready.wait(), b: ready.wait() })).key]++;
      for (let i = 0; i < 20; i++) {
        expect((yield* select({ a: ready.wait(), b: ready.wait() }, { fair: false })).key).toBe("a");
      }
    });
    expect(wins.a).toBeGreaterThan(100);
    expect(wins.b).toBeGreaterThan(100);
  });

  it("has no effect at all when it is cancelled", async () => {
    const channel = new Channel<number>(1);
    const permits = new Semaphore(0);
    await run(function* () {
      const task = spawn(() => select({ value: channel.recv(), permit: permits.acquire() }));
      yield* yieldNow();
      yield* task.cancel();
    });
    expect(channel.trySend(1)).toBe(true);
    expect(channel.size).toBe(1);
  });

  it("works under await, nested, and over tasks", async () => {
    const inner = select({ a: sleep(1), b: new Event().wait() });
    expect(await select({ inner, late: sleep(1000) })).toEqual({ key: "inner", value: { key: "a", value: undefined } });
  });

  it("refuses what is not an operation", () => {
    expect(() => select({ a: Promise.resolve(1) as never })).toThrow(NotAnOperationError);
  });
});
