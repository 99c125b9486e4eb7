import { Channel, Mutex, retry, run, sleep, spawn, timeout, yieldNow } from "@plait/coroutine";
import { checkLeaks, LeakError, SimulationError, simulate, virtualTime } from "@plait/coroutine/testing";
import { describe, expect, it } from "vitest";

describe("virtual time", () => {
  it("passes an hour of backoff in no time", async () => {
    using time = virtualTime();
    const from = performance.now();
    let attempts = 0;
    await run(() =>
      retry(
        () => {
          if (++attempts < 8) throw new Error("not yet");
        },
        { times: 8, base: 30_000, factor: 2, longest: Number.POSITIVE_INFINITY, jitter: false },
      ),
    );
    expect(time.now).toBe(30_000 * (2 ** 7 - 1));
    expect(performance.now() - from).toBeLessThan(5000);
  });

  it("ends three sleeps of 2, 3 and 5 seconds after exactly 5 seconds", async () => {
    using time = virtualTime();
    const log: string[] = [];
    function* worker(seconds: number) {
      log.push(`before ${seconds}`);
      yield* sleep(seconds * 1000);
      log.push(`after ${seconds} at ${time.now}`);
    }
    await run(function* () {
      for (const task of [2, 3, 5].map((seconds) => spawn(worker, seconds))) yield* task;
    });
    expect(log).toEqual(["before 2", "before 3", "before 5", "after 2 at 2000", "after 3 at 3000", "after 5 at 5000"]);
    await run(function* () {
      for (const seconds of [2, 3, 5]) yield* worker(seconds);
    });
    expect(time.now).toBe(15_000);
  });

  it("moves only when told to, if asked", async () => {
    using time = virtualTime({ autoAdvance: false });
    const woken: number[] = [];
    const done = run(function* () {
      for (const ms of [10, 20, 30]) {
        spawn(function* () {
          yield* sleep(ms);
          woken.push(ms);
        });
      }
    });
    await time.advance(19);
    expect(woken).toEqual([10]);
    await time.advance(11);
    expect(woken).toEqual([10, 20, 30]);
    expect(time.now).toBe(30);
    await done;
  });

  it("waits for promises of the host between its steps", async () => {
    using time = virtualTime();
    await run(async () => {
      for (let i = 0; i < 5; i++) await Promise.resolve();
      await timeout(1, async () => {
        for (let i = 0; i < 20; i++) await Promise.resolve();
      });
    });
    expect(time.now).toBe(0);
  });
});

describe("the leak check", () => {
  it("names the tasks and awaits that were left", async () => {
    const forgotten = spawn(function* forgotten() {
      yield* sleep(100_000);
    });
    await expect(checkLeaks()).rejects.toThrow(/forgotten/);
    await forgotten.cancel();
    await checkLeaks();
    const channel = new Channel<number>();
    const waiting = channel.recv().then();
    await expect(checkLeaks()).rejects.toThrow(LeakError);
    channel.trySend(1);
    await waiting;
    await checkLeaks();
  });
});

describe("simulate", () => {
  it("finds an order in which a race shows, and repeats it from its seed", async () => {
    const failure = await simulate(
      function* () {
        const order: string[] = [];
        for (const name of ["a", "b", "c"]) {
          spawn(function* () {
            order.push(name);
          });
        }
        yield* sleep(1);
        if (order.join("") === "cba") throw new Error("the rare order");
      },
      { seed: 1, runs: 200 },
    ).catch((error: SimulationError) => error);
    expect(failure).toBeInstanceOf(SimulationError);
    expect(failure).toMatchObject({ message: expect.stringContaining("the rare order") });
  });

  it("takes the same steps for the same seed", async () => {
    const orderOf = async (seed: number) => {
      const order: number[] = [];
      const simulated = await simulate(
        function* () {
          for (let i = 0; i < 6; i++) {
            spawn(function* () {
              for (let n = 0; n < 3; n++) {
                order.push(i);
                yield* yieldNow();
              }
            });
          }
        },
        { seed },
      );
      return { order, simulated };
    };
    expect(await orderOf(7)).toEqual(await orderOf(7));
    expect((await orderOf(7)).order).not.toEqual((await orderOf(8)).order);
  });

  it("passes what is right in every order", async () => {
    const { elapsed } = await simulate(
      function* () {
        const channel = new Channel<number>();
        spawn(function* () {
          for (let i = 0; i < 5; i++) yield* channel.send(i);
          channel.close();
        });
        let sum = 0;
        for (let n = yield* channel.next(); !n.done; n = yield* channel.next()) sum += n.value;
        yield* sleep(1000);
        expect(sum).toBe(10);
      },
      { runs: 50 },
    );
    expect(elapsed).toBe(1000);
  });

  it("fails on a deadlock, on what is left behind, and on a run without end", async () => {
    const [a, b] = [new Mutex("a"), new Mutex("b")];
    function* take(first: Mutex, second: Mutex) {
      using _first = yield* first.lock();
      yield* yieldNow();
      using _second = yield* second.lock();
    }
    await expect(
      simulate(
        function* () {
          spawn(take, a, b);
          spawn(take, b, a);
        },
        { runs: 50 },
      ),
    ).rejects.toMatchObject({ cause: { code: "ERR_PLAIT_DEADLOCK" } });
    await expect(
      simulate(
        function* () {
          for (;;) yield* yieldNow();
        },
        { maxSteps: 1000 },
      ),
    ).rejects.toThrow(/seed/);
  });
});
