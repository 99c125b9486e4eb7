import { AsyncLocalStorage } from "node:async_hooks";
import { current, run, scope, sleep, spawn, until, yieldNow } from "@plait/coroutine";
import { describe, expect, it } from "vitest";
import { tracksAsyncContext } from "../src/async-context.ts";

const request = new AsyncLocalStorage<string>();

describe("AsyncLocalStorage", () => {
  it("is tracked in generators on this Node", () => {
    expect(tracksAsyncContext).toBe(true);
  });

  it("keeps in every step what was there when the task was spawned, in both styles", async () => {
    const seen: (string | undefined)[] = [];
    function* generator() {
      for (let i = 0; i < 2; i++) {
        yield* sleep(1);
        seen.push(request.getStore());
      }
      seen.push(yield* until(Promise.resolve().then(() => request.getStore())));
    }
    const asynchronous = async () => {
      for (let i = 0; i < 2; i++) {
        await sleep(1);
        seen.push(request.getStore());
      }
    };
    await run(function* () {
      yield* request.run("a", () => spawn(generator));
      yield* request.run("b", () => spawn(asynchronous));
      seen.push(request.getStore());
    });
    expect(seen).toEqual(["a", "a", "a", "b", "b", undefined]);
  });

  it("is inherited from task to task, across styles", async () => {
    const seen = await request.run("outer", () =>
      run(function* () {
        return yield* spawn(async () => {
          await sleep(1);
          return await spawn(function* () {
            yield* yieldNow();
            return yield* scope(function* () {
              return request.getStore();
            });
          });
        });
      }),
    );
    expect(seen).toBe("outer");
  });

  it("does not leak from one task into another, nor to whoever woke it", async () => {
    await run(function* () {
      const a = spawn(function* () {
        request.enterWith("mine");
        yield* yieldNow();
        expect(request.getStore()).toBe("mine");
      });
      const b = spawn(function* () {
        expect(request.getStore()).toBeUndefined();
        yield* yieldNow();
        expect(request.getStore()).toBeUndefined();
      });
      yield* a;
      yield* b;
      expect(request.getStore()).toBeUndefined();
    });
    expect(request.getStore()).toBeUndefined();
  });

  it("knows the current task in async code after foreign awaits", async () => {
    await run(async function named() {
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(current()?.name).toBe("named");
      await Promise.resolve();
      expect(current()?.name).toBe("named");
    });
    expect(current()).toBeUndefined();
  });
});
