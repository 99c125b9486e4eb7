import { getEventListeners } from "node:events";
import { setTimeout as nodeSleep } from "node:timers/promises";
import {
  Channel,
  checkCancelled,
  current,
  openScope,
  run,
  scope,
  shield,
  sleep,
  spawn,
  spawnWith,
  TaskCancelledError,
  until,
  yieldNow,
} from "@plait/coroutine";
import { describe, expect, it } from "vitest";

describe("async functions in the tree", () => {
  it("are cancelled at once when they wait on an operation", async () => {
    const log: string[] = [];
    await run(async () => {
      const task = spawn(async () => {
        try {
          await sleep(10_000);
        } catch (error) {
          log.push((error as Error).name);
          throw error;
        }
      });
      await sleep(1);
      await task.cancel();
      log.push(task.outcome?.status ?? "");
    });
    expect(log).toEqual(["Cancelled", "cancelled"]);
  });

  it("are cancelled through their signal when they wait on a foreign promise", async () => {
    await run(function* () {
      const viaSignal = spawn(
        async () => await nodeSleep(10_000, undefined, { signal: current()?.signal as AbortSignal }),
      );
      const viaUntil = spawn(async () => await until((signal) => nodeSleep(10_000, undefined, { signal })));
      yield* sleep(1);
      yield* viaSignal.cancel();
      yield* viaUntil.cancel();
      expect(viaSignal.outcome?.status).toBe("cancelled");
      expect(viaUntil.outcome?.status).toBe("cancelled");
    });
  });

  it("get the same Cancelled from the signal as from their waits", async () => {
    await run(function* () {
      const task = spawn(async () => {
        const { signal } = current() as NonNullable<ReturnType<typeof current>>;
        let thrown: unknown;
        await Promise.resolve(sleep(10_000)).catch((error) => {
          thrown = error;
        });
        expect(signal.reason).toBe(thrown);
        expect(() => checkCancelled()).toThrow(thrown as Error);
        throw thrown;
      });
      yield* yieldNow();
      yield* sleep(1);
      yield* task.cancel("both");
      expect(task.outcome).toMatchObject({ status: "cancelled", reason: { reason: "both" } });
    });
  });

  it("stay owned while a promise that ignores the signal holds them up", async () => {
    let settle: () => void = () => {};
    const stuck = new Promise<void>((resolve) => {
      settle = resolve;
    });
    await run(function* () {
      const task = spawn(async () => await stuck);
      yield* sleep(1);
      const ending = task.cancel();
      yield* sleep(1);
      expect(task.state).toBe("cancelling");
      settle();
      yield* ending;
      expect(task.outcome?.status).toBe("fulfilled");
    });
  });

  it("are reported when they outstay the grace after a cancel", async () => {
    const warned = new Promise<NodeJS.ErrnoException>((resolve) => process.once("warning", resolve));
    let settle: () => void = () => {};
    const stuck = new Promise<void>((resolve) => {
      settle = resolve;
    });
    await run(() =>
      scope(
        function* (s) {
          const task = s.spawn(async function ignorant() {
            await stuck;
          });
          yield* sleep(1);
          task.cancel();
          expect(yield* until(warned)).toMatchObject({
            code: "PLAIT_OVERDUE_TASK",
            message: expect.stringContaining("ignorant"),
          });
          settle();
        },
        { grace: 5 },
      ),
    );
  });

  it("own what they spawn, after foreign awaits too", async () => {
    let ended = false;
    await run(async () => {
      await spawn(async () => {
        await nodeSleep(1);
        spawn(function* () {
          yield* sleep(3);
          ended = true;
        });
      });
      expect(ended).toBe(true);
    });
  });

  it("can catch the error of a task they join right after spawning it", async () => {
    await run(async () => {
      for (const start of ["later", "now"] as const) {
        const task = spawnWith({ start }, function* () {
          throw new Error("early");
        });
        await expect(task.then()).rejects.toThrow("early");
      }
    });
    await run(function* () {
      const task = spawnWith({ start: "now" }, function* () {
        throw new Error("earlier still");
      });
      expect(yield* task.settled()).toMatchObject({ status: "rejected" });
    });
  });

  it("fail with the error of a task nobody joins", async () => {
    await expect(
      run(async () => {
        spawn(function* () {
          yield* sleep(1);
          throw new Error("unheard");
        });
        await sleep(10_000);
      }),
    ).rejects.toThrow("unheard");
  });

  it("may wait in a finally under a shield", async () => {
    const log: string[] = [];
    await run(async () => {
      const task = spawn(async () => {
        try {
          await sleep(10_000);
        } finally {
          await shield(async () => {
            await sleep(1);
            log.push("flushed");
          });
        }
      });
      await sleep(1);
      await task.cancel();
    });
    expect(log).toEqual(["flushed"]);
  });

  it("iterate over channels and open scopes next to generators that send", async () => {
    const got: number[] = [];
    await run(async () => {
      const channel = new Channel<number>(2);
      await using s = openScope();
      s.spawn(function* () {
        for (let i = 0; i < 5; i++) yield* channel.send(i);
        channel.close();
      });
      for await (const n of channel) got.push(n);
    });
    expect(got).toEqual([0, 1, 2, 3, 4]);
  });

  it("follow operations that Promise.all and friends combine", async () => {
    await run(async () => {
      const channel = new Channel<number>(1);
      channel.trySend(1);
      expect(await Promise.all([channel.recv(), sleep(1), spawn(() => 3)])).toEqual([1, undefined, 3]);
    });
  });
});

describe("an AbortSignal", () => {
  it("cancels a task or a scope that was given it, also one that was aborted before", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    await run(function* () {
      const task = spawnWith({ signal }, function* () {
        yield* sleep(10_000);
      });
      const inScope = spawn(() =>
        scope(
          function* () {
            yield* sleep(10_000);
          },
          { signal },
        ),
      );
      yield* sleep(1);
      controller.abort("closing");
      expect(yield* task.settled()).toMatchObject({ status: "cancelled", reason: { reason: "closing" } });
      expect(yield* inScope.settled()).toMatchObject({ status: "rejected", reason: expect.any(TaskCancelledError) });
      let ran = false;
      const late = spawnWith({ signal }, () => {
        ran = true;
      });
      expect((yield* late.settled()).status).toBe("cancelled");
      expect(ran).toBe(false);
    });
  });

  it("keeps no listener of a task that has ended", async () => {
    const { signal } = new AbortController();
    await run(function* () {
      for (let i = 0; i < 5; i++) yield* spawnWith({ signal }, () => i);
    });
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("of a task is the same object every time, and aborted if the task was cancelled before", async () => {
    await run(function* () {
      const task = spawn(function* () {
        yield* sleep(10_000);
      });
      yield* yieldNow();
      task.cancel("why");
      expect(task.signal.aborted).toBe(true);
      expect(task.signal).toBe(task.signal);
      expect(task.signal.reason).toMatchObject({ reason: "why" });
      yield* task.settled();
    });
  });
});
