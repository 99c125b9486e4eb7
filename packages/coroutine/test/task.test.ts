import {
  Cancelled,
  type Co,
  checkCancelled,
  current,
  run,
  sleep,
  spawn,
  spawnWith,
  suspend,
  TaskCancelledError,
  TimeoutError,
  until,
  yieldNow,
} from "@plait/coroutine";
import { describe, expect, it } from "vitest";

describe("starting and waiting", () => {
  it("gives what the body returned, in both styles and to both styles", async () => {
    function* generator(n: number) {
      yield* sleep(1);
      return n;
    }
    const asynchronous = async (n: number) => {
      await sleep(1);
      return n;
    };
    const plain = (n: number) => n;
    const sum = await run(function* () {
      const tasks = [spawn(generator, 1), spawn(asynchronous, 2), spawn(plain, 4)];
      let total = 0;
      for (const task of tasks) total += yield* task;
      return total;
    });
    expect(sum).toBe(7);
    expect(
      await run(async () => {
        const tasks = [spawn(generator, 1), spawn(asynchronous, 2), spawn(plain, 4)];
        let total = 0;
        for (const task of tasks) total += await task;
        return total;
      }),
    ).toBe(7);
  });

  it("runs tasks one after the other in the order they were spawned", async () => {
    const order: number[] = [];
    await run(function* () {
      for (let n = 0; n < 3; n++) {
        spawn(function* () {
          order.push(n);
          yield* yieldNow();
          order.push(n + 10);
        });
      }
    });
    expect(order).toEqual([0, 1, 2, 10, 11, 12]);
  });

  it("goes through its states and ends with an outcome", async () => {
    await run(function* () {
      const task = spawn(function* () {
        expect(current()?.state).toBe("running");
        yield* sleep(5);
        return "value";
      });
      expect(task.state).toBe("ready");
      expect(task.outcome).toBeUndefined();
      yield* yieldNow();
      expect(task.state).toBe("waiting");
      expect(yield* task.settled()).toEqual({ status: "fulfilled", value: "value" });
      expect(task.state).toBe("done");
      expect(yield* task.join()).toBe("value");
    });
  });

  it("throws a task's error to whoever joins it, as it was thrown", async () => {
    const boom = new Error("boom");
    await run(function* () {
      const task = spawn(function* () {
        yield* sleep(1);
        throw boom;
      });
      let caught: unknown;
      try {
        yield* task;
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(boom);
    });
  });

  it("keeps generator frames in the stack of an error", async () => {
    function* inner(): Co<never> {
      throw new Error("deep");
    }
    function* outer() {
      yield* inner();
    }
    const error = await run(outer).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(error?.stack).toMatch(/inner[\s\S]*outer/);
  });

  it("names tasks after their function, or as told", async () => {
    function* worker() {
      return current()?.name;
    }
    expect(await run(worker)).toBe("worker");
    expect(await run(() => spawnWith({ name: "w1" }, worker))).toBe("w1");
  });

  it("waits for promises and for callbacks", async () => {
    await run(function* () {
      expect(yield* until(Promise.resolve(1))).toBe(1);
      expect(yield* until(async (signal) => signal.aborted)).toBe(false);
      expect(yield* suspend<string>((resume) => void setTimeout(resume, 1, "called"))).toBe("called");
      expect(yield* suspend<string>((resume) => resume("at once"))).toBe("at once");
    });
    await expect(run(() => until(Promise.reject(new Error("no"))))).rejects.toThrow("no");
    await expect(run(() => suspend((_, fail) => fail(new Error("no"))))).rejects.toThrow("no");
    await expect(
      run(() =>
        suspend(() => {
          throw new Error("at start");
        }),
      ),
    ).rejects.toThrow("at start");
  });

  it("ends a task with TimeoutError when its deadline passes, after its cleanup", async () => {
    const log: string[] = [];
    await run(function* () {
      const task = spawnWith({ deadline: 5, name: "slow" }, function* () {
        try {
          yield* sleep(10_000);
        } finally {
          log.push("cleanup");
        }
      });
      const outcome = yield* task.settled();
      expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(TimeoutError) });
      expect(log).toEqual(["cleanup"]);
    });
  });

  it("accepts a yield without a star from code that comes from other libraries", async () => {
    expect(
      await run(function* (): Generator<unknown, number, number> {
        const a = yield Promise.resolve(3);
        yield sleep(1);
        const b = yield 4;
        return a + b;
      }),
    ).toBe(7);
  });

  it("survives a yield* chain hundreds of levels deep", async () => {
    function* deep(levels: number): Co<number> {
      if (levels === 0) {
        yield* sleep(1);
        return 0;
      }
      return 1 + (yield* deep(levels - 1));
    }
    expect(await run(deep, 500)).toBe(500);
  });
});

describe("cancelling", () => {
  it("throws Cancelled with the reason at the wait, and tells joiners TaskCancelledError", async () => {
    await run(function* boss() {
      let seen: unknown;
      const task = spawn(function* () {
        try {
          yield* sleep(10_000);
        } catch (error) {
          seen = error;
          throw error;
        }
      });
      yield* yieldNow();
      yield* task.cancel("enough");
      expect(seen).toMatchObject({ code: "ERR_PLAIT_CANCELLED", reason: "enough", by: "boss" });
      expect(task.outcome).toEqual({ status: "cancelled", reason: seen });
      let joined: unknown;
      try {
        yield* task;
      } catch (error) {
        joined = error;
      }
      expect(joined).toBeInstanceOf(TaskCancelledError);
      expect((joined as TaskCancelledError).task).toBe(task);
      expect((joined as TaskCancelledError).cause).toBe(seen);
    });
  });

  it("never runs the body of a task cancelled before its first step", async () => {
    let ran = false;
    await run(function* () {
      for (const body of [
        function* () {
          ran = true;
        },
        async () => {
          ran = true;
        },
      ]) {
        const task = spawn(body);
        yield* task.cancel();
        expect(task.outcome?.status).toBe("cancelled");
      }
    });
    expect(ran).toBe(false);
  });

  it("throws again at every later wait until the task has ended", async () => {
    let throws = 0;
    await run(function* () {
      const task = spawn(function* () {
        for (let i = 0; i < 5; i++) {
          try {
            yield* sleep(10_000);
          } catch {
            throws++;
          }
        }
        return "served on";
      });
      yield* yieldNow();
      yield* task.cancel();
      expect(task.outcome?.status).toBe("cancelled");
    });
    expect(throws).toBe(5);
  });

  it.each(["generator", "async"])("takes the body away from a %s task that never stops waiting", async (style) => {
    const warned = new Promise<NodeJS.ErrnoException>((resolve) => process.once("warning", resolve));
    await run(function* () {
      const task =
        style === "generator"
          ? spawn(function* () {
              for (;;) {
                try {
                  yield* sleep(1000);
                } catch {}
              }
            })
          : spawn(async () => {
              for (;;) await Promise.resolve(sleep(1000)).catch(() => {});
            });
      yield* yieldNow();
      yield* yieldNow();
      yield* task.cancel();
      expect(task.outcome?.status).toBe("cancelled");
    });
    expect((await warned).code).toBe("PLAIT_UNSTOPPABLE_TASK");
  });

  it("delivers a value handed over before the cancel, and the cancel at the next wait", async () => {
    let handOver: (value: string) => void = () => {};
    const got: unknown[] = [];
    await run(function* () {
      const task = spawn(function* () {
        got.push(
          yield* suspend<string>((resume) => {
            handOver = resume;
          }),
        );
        try {
          yield* sleep(10_000);
        } catch (error) {
          got.push(error);
          throw error;
        }
      });
      yield* yieldNow();
      handOver("value");
      yield* task.cancel();
    });
    expect(got).toEqual(["value", expect.any(Cancelled)]);
  });

  it("counts a task as successful that returned before it heard of the cancel", async () => {
    let handOver: (value: string) => void = () => {};
    await run(function* () {
      const task = spawn(function* () {
        return yield* suspend<string>((resume) => {
          handOver = resume;
        });
      });
      yield* yieldNow();
      handOver("value");
      yield* task.cancel();
      expect(task.outcome).toEqual({ status: "fulfilled", value: "value" });
    });
  });

  it("reports an error thrown by cleanup instead of hiding it behind the cancel", async () => {
    await expect(
      run(function* () {
        const task = spawn(function* () {
          try {
            yield* sleep(10_000);
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: cleanup that fails is the case under test.
            throw new Error("cleanup failed");
          }
        });
        yield* yieldNow();
        yield* task.cancel();
      }),
    ).rejects.toThrow("cleanup failed");
  });

  it("cancels what the task has spawned, and ends only after it", async () => {
    const log: string[] = [];
    await run(function* () {
      const task = spawn(function* parent() {
        spawn(function* child() {
          try {
            yield* sleep(10_000);
          } finally {
            log.push("child");
          }
        });
        try {
          yield* sleep(10_000);
        } finally {
          log.push("parent");
        }
      });
      yield* sleep(1);
      yield* task.cancel();
      log.push("ended");
    });
    expect(log.sort()).toEqual(["child", "ended", "parent"]);
    expect(log.at(-1)).toBe("parent");
  });

  it("reaches a tree ten thousand levels deep, and ends it from the bottom", async () => {
    let alive = 0;
    function* level(depth: number): Co<void> {
      alive++;
      try {
        if (depth > 0) spawn(level, depth - 1);
        yield* sleep(100_000);
      } finally {
        alive--;
      }
    }
    await run(function* () {
      const top = spawn(level, 10_000);
      while (alive < 10_001) yield* yieldNow();
      yield* top.cancel();
      expect(alive).toBe(0);
      expect(top.outcome?.status).toBe("cancelled");
    });
  });

  it("lets a task cancel itself at its next wait", async () => {
    await expect(
      run(function* () {
        current()?.cancel("done with it");
        yield* sleep(1);
      }),
    ).rejects.toThrow(TaskCancelledError);
    await expect(
      run(function* () {
        const me = current();
        if (me) yield* me.cancel("and waits for its own end");
      }),
    ).rejects.toThrow(TaskCancelledError);
  });

  it("lets a loop that only computes ask whether it was cancelled", async () => {
    await run(function* () {
      const task = spawn(function* () {
        current()?.cancel();
        for (;;) checkCancelled();
      });
      expect((yield* task.settled()).status).toBe("cancelled");
    });
  });

  it("disposes of a task by cancelling it and waiting for its cleanup", async () => {
    const log: string[] = [];
    await run(async () => {
      await using task = spawn(async () => {
        try {
          await sleep(10_000);
        } finally {
          log.push("cleanup");
        }
      });
      await sleep(1);
      log.push(task.state);
    });
    expect(log).toEqual(["waiting", "cleanup"]);
  });
});
