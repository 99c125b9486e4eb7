import {
  type Co,
  current,
  openScope,
  run,
  ScopeClosedError,
  scope,
  shield,
  sleep,
  spawn,
  spawnWith,
  suppressed,
  TaskCancelledError,
  TimeoutError,
  yieldNow,
} from "@plait/coroutine";
import { describe, expect, it } from "vitest";
import { onVirtualTime } from "./quiet.ts";

onVirtualTime();

function* boom(ms: number, message = "boom"): Co<never> {
  yield* sleep(ms);
  throw new Error(message);
}

describe("a scope", () => {
  it("ends after the tasks in it, and gives what its body returned", async () => {
    const log: string[] = [];
    await run(function* () {
      const value = yield* scope(function* (s) {
        s.spawn(function* () {
          yield* sleep(5);
          log.push("child");
        });
        log.push("body");
        return 1;
      });
      log.push(`after ${value}`);
    });
    expect(log).toEqual(["body", "child", "after 1"]);
  });

  it("makes a task's own children end before it does", async () => {
    let ended = false;
    await run(function* () {
      const task = spawn(function* () {
        spawn(function* () {
          yield* sleep(5);
          ended = true;
        });
      });
      yield* task;
      expect(ended).toBe(true);
    });
  });

  it("cancels the others when one task fails, and throws that error as it is", async () => {
    const log: string[] = [];
    const failed = run(function* () {
      yield* scope(function* (s) {
        s.spawn(boom, 2);
        s.spawn(function* () {
          try {
            yield* sleep(10_000);
          } finally {
            log.push("sibling unwound");
          }
        });
        try {
          yield* sleep(10_000);
        } finally {
          log.push("body unwound");
        }
      });
    });
    await expect(failed).rejects.toThrow("boom");
    expect(log.sort()).toEqual(["body unwound", "sibling unwound"]);
  });

  it("keeps the errors that came second beside the first", async () => {
    const error = await run(() =>
      scope(function* (s) {
        s.spawn(boom, 2, "first");
        s.spawn(function* () {
          try {
            yield* sleep(10_000);
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: a second failure is the case under test.
            throw new Error("second");
          }
        });
      }),
    ).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(error?.message).toBe("first");
    expect(suppressed(error)).toMatchObject([{ message: "second" }]);
  });

  it("gives an error to the joiner only, when somebody is joining", async () => {
    const value = await run(() =>
      scope(function* (s) {
        const task = s.spawn(boom, 2);
        const other = s.spawn(function* () {
          yield* sleep(5);
          return "unharmed";
        });
        try {
          yield* task;
        } catch {}
        return yield* other;
      }),
    );
    expect(value).toBe("unharmed");
  });

  it("collects every error under onError: collect", async () => {
    const failed = run(() =>
      scope(
        function* (s) {
          for (const n of [1, 2, 3]) s.spawn(boom, n, `no ${n}`);
        },
        { onError: "collect" },
      ),
    );
    await expect(failed).rejects.toMatchObject({
      errors: [{ message: "no 1" }, { message: "no 2" }, { message: "no 3" }],
    });
  });

  it("lets the others go on under onError: isolate, and hands failures to onUnhandled", async () => {
    const failures: unknown[] = [];
    const value = await run(() =>
      scope(
        function* (s) {
          s.spawn(boom, 1);
          const other = s.spawn(function* () {
            yield* sleep(5);
            return "unharmed";
          });
          return yield* other;
        },
        { onError: "isolate", onUnhandled: (error, task) => failures.push([task.name, (error as Error).message]) },
      ),
    );
    expect(value).toBe("unharmed");
    expect(failures).toEqual([["boom", "boom"]]);
  });

  it("runs no more tasks at once than its limit", async () => {
    let running = 0;
    let most = 0;
    await run(() =>
      scope(
        function* (s) {
          for (let i = 0; i < 20; i++) {
            s.spawn(function* () {
              most = Math.max(most, ++running);
              yield* yieldNow();
              running--;
            });
          }
        },
        { limit: 3 },
      ),
    );
    expect(most).toBe(3);
  });

  it("holds a producer back with vacancy", async () => {
    const log: string[] = [];
    await run(() =>
      scope(
        function* (s) {
          for (let i = 0; i < 3; i++) {
            yield* s.vacancy();
            log.push(`spawn ${i}`);
            s.spawn(function* () {
              yield* sleep(2);
              log.push(`end ${i}`);
            });
          }
        },
        { limit: 1 },
      ),
    );
    expect(log).toEqual(["spawn 0", "end 0", "spawn 1", "end 1", "spawn 2", "end 2"]);
  });

  it("gives a vacancy to the next producer when the first is cancelled before it uses it", async () => {
    let spawned = 0;
    await run(() =>
      scope(
        function* (s) {
          s.spawn(function* () {
            yield* sleep(5);
          });
          const produce = function* () {
            yield* s.vacancy();
            yield* yieldNow();
            s.spawn(() => spawned++);
          };
          const [first, second] = [spawn(produce), spawn(produce)];
          yield* sleep(5);
          first.cancel();
          yield* second;
        },
        { limit: 1 },
      ),
    );
    expect(spawned).toBe(1);
  });

  it("ends tasks that wait for their turn when it is cancelled", async () => {
    let ran = 0;
    await run(function* () {
      const task = spawn(() =>
        scope(
          function* (s) {
            for (let i = 0; i < 5; i++) {
              s.spawn(function* () {
                ran++;
                yield* sleep(10_000);
              });
            }
          },
          { limit: 2 },
        ),
      );
      yield* sleep(1);
      yield* task.cancel();
    });
    expect(ran).toBe(2);
  });

  it("runs cleanups last registered first, after the tasks, whatever happened", async () => {
    const log: string[] = [];
    const failed = run(() =>
      scope(function* (s) {
        s.defer(() => log.push("first"));
        s.defer(function* () {
          yield* sleep(1);
          log.push("second");
        });
        s.use({ [Symbol.dispose]: () => log.push("third") });
        s.use({
          [Symbol.asyncDispose]: async () => {
            await sleep(1);
            log.push("fourth");
          },
        });
        s.spawn(function* () {
          try {
            yield* sleep(10_000);
          } finally {
            log.push("task");
          }
        });
        yield* boom(2);
      }),
    );
    await expect(failed).rejects.toThrow("boom");
    expect(log).toEqual(["task", "fourth", "third", "second", "first"]);
  });

  it("runs cleanups that wait although it is cancelled", async () => {
    const log: string[] = [];
    await run(function* () {
      const task = spawn(() =>
        scope(function* (s) {
          s.defer(function* () {
            yield* sleep(3);
            log.push("cleaned up");
          });
          yield* sleep(10_000);
        }),
      );
      yield* sleep(1);
      yield* task.cancel();
      log.push("ended");
    });
    expect(log).toEqual(["cleaned up", "ended"]);
  });

  it("cuts cleanup short when the grace is over", async () => {
    const log: string[] = [];
    await run(function* () {
      const task = spawn(() =>
        scope(
          function* (s) {
            s.defer(function* () {
              try {
                yield* sleep(10_000);
              } finally {
                log.push("cut short");
              }
            });
            yield* sleep(10_000);
          },
          { grace: 5 },
        ),
      );
      yield* sleep(1);
      yield* task.cancel();
      log.push("ended");
    });
    expect(log).toEqual(["cut short", "ended"]);
  });

  it("does not wait for daemons but cancels them", async () => {
    const log: string[] = [];
    await run(function* () {
      spawnWith({ daemon: true }, function* () {
        try {
          yield* sleep(10_000);
        } finally {
          log.push("daemon unwound");
        }
      });
      yield* sleep(1);
    });
    expect(log).toEqual(["daemon unwound"]);
  });

  it("tells its waiter TaskCancelledError when it is cancelled from inside", async () => {
    await expect(
      run(() =>
        scope(function* (s) {
          s.cancel("enough");
          yield* sleep(10_000);
        }),
      ),
    ).rejects.toThrow(TaskCancelledError);
  });

  it("ends with TimeoutError when its own timeout passes", async () => {
    await expect(
      run(() =>
        scope(
          function* (s) {
            s.spawn(function* () {
              yield* sleep(10_000);
            });
          },
          { timeout: 5 },
        ),
      ),
    ).rejects.toThrow(TimeoutError);
  });

  it("takes no task after it has ended", async () => {
    await run(function* () {
      const kept = yield* scope(function* (s) {
        return s;
      });
      expect(() => kept.spawn(boom, 1)).toThrow(ScopeClosedError);
    });
  });

  it("aborts its signal when it fails", async () => {
    let signal: AbortSignal | undefined;
    await expect(
      run(() =>
        scope(function* (s) {
          signal = s.signal;
          s.spawn(boom, 1);
          yield* sleep(10_000);
        }),
      ),
    ).rejects.toThrow("boom");
    expect(signal?.aborted).toBe(true);
  });
});

describe("an opened scope", () => {
  it("waits for its tasks at the end of the block", async () => {
    const log: string[] = [];
    await run(async () => {
      {
        await using s = openScope({ limit: 3 });
        for (let i = 0; i < 5; i++) {
          s.spawn(async () => {
            await sleep(2);
            log.push(`task ${i}`);
          });
        }
      }
      log.push("after");
    });
    expect(log).toHaveLength(6);
    expect(log.at(-1)).toBe("after");
  });

  it("throws a task's failure at the end of the block", async () => {
    let recovered: unknown;
    await run(async () => {
      try {
        await using s = openScope();
        s.spawn(boom, 1);
        await sleep(5);
      } catch (error) {
        recovered = error;
      }
      await sleep(1);
    });
    expect(recovered).toMatchObject({ message: "boom" });
  });

  it("works outside every task", async () => {
    let ran = false;
    {
      await using s = openScope();
      s.spawn(function* () {
        yield* sleep(1);
        ran = true;
      });
    }
    expect(ran).toBe(true);
  });

  it("ends with the task that opened it when it is never closed, and its failure is not lost", async () => {
    await expect(
      run(function* () {
        openScope().spawn(boom, 1);
        yield* sleep(5);
      }),
    ).rejects.toThrow("boom");
  });
});

describe("a shield", () => {
  it("keeps a cancel out until its body has ended", async () => {
    const log: string[] = [];
    await run(function* () {
      const task = spawn(function* () {
        yield* shield(function* () {
          yield* sleep(5);
          log.push("shielded work done");
        });
        log.push("not reached before the cancel");
        yield* sleep(10_000);
      });
      yield* sleep(1);
      yield* task.cancel();
      expect(task.outcome?.status).toBe("cancelled");
    });
    expect(log).toEqual(["shielded work done", "not reached before the cancel"]);
  });

  it("lets a finally of a cancelled task wait", async () => {
    const log: string[] = [];
    await run(function* () {
      const task = spawn(function* () {
        try {
          yield* sleep(10_000);
        } finally {
          yield* shield(async () => {
            await sleep(2);
            log.push(`goodbye of ${current()?.name}`);
          });
        }
      });
      yield* yieldNow();
      yield* task.cancel();
    });
    expect(log).toHaveLength(1);
  });
});
