import {
  current,
  Deferred,
  Event,
  Local,
  Mutex,
  run,
  Semaphore,
  sleep,
  spawn,
  timeout,
  yieldNow,
} from "@plait/coroutine";
import { describe, expect, it } from "vitest";
import { onVirtualTime } from "./quiet.ts";

onVirtualTime();

describe("a semaphore", () => {
  it("hands out no more permits than it has, first come, first served", async () => {
    const semaphore = new Semaphore(2, "slots");
    const order: number[] = [];
    let held = 0;
    await run(function* () {
      for (let i = 0; i < 6; i++) {
        spawn(function* () {
          using _ = yield* semaphore.acquire();
          expect(++held).toBeLessThanOrEqual(2);
          order.push(i);
          yield* sleep(1);
          held--;
        });
      }
    });
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(semaphore.available).toBe(2);
  });

  it("gives a permit back once, however often it is disposed of", () => {
    const semaphore = new Semaphore(1);
    const permit = semaphore.tryAcquire();
    expect(semaphore.tryAcquire()).toBeUndefined();
    permit?.[Symbol.dispose]();
    permit?.[Symbol.dispose]();
    expect(semaphore.available).toBe(1);
  });

  it("keeps its permits when waiters are cancelled, time out or fail", async () => {
    const semaphore = new Semaphore(1);
    await run(function* () {
      const holder = spawn(() => semaphore.with(() => sleep(10_000)));
      yield* yieldNow();
      const waiter = spawn(() => semaphore.acquire());
      yield* spawn(() => timeout(1, semaphore.acquire())).settled();
      yield* waiter.cancel();
      yield* holder.cancel();
      expect(semaphore.available).toBe(1);
      let error: unknown;
      try {
        yield* semaphore.with(function* () {
          throw new Error("inside");
        });
      } catch (caught) {
        error = caught;
      }
      expect(error).toMatchObject({ message: "inside" });
      expect(semaphore.available).toBe(1);
    });
  });

  it("runs a body of either style while holding a permit", async () => {
    const semaphore = new Semaphore(1);
    expect(await semaphore.with(async () => semaphore.available)).toBe(0);
    expect(
      await semaphore.with(function* () {
        yield* sleep(1);
        return semaphore.available;
      }),
    ).toBe(0);
    expect(semaphore.available).toBe(1);
  });
});

describe("a mutex", () => {
  it("is held by one task at a time, and knows by whom", async () => {
    const mutex = new Mutex("ledger");
    const log: string[] = [];
    await run(function* () {
      for (const name of ["a", "b"]) {
        spawn(function* () {
          using _ = yield* mutex.lock();
          expect(mutex.owner).toBe(current());
          log.push(`${name} in`);
          yield* sleep(1);
          log.push(`${name} out`);
        });
      }
    });
    expect(log).toEqual(["a in", "a out", "b in", "b out"]);
    expect(mutex.owner).toBeUndefined();
    expect(mutex.locked).toBe(false);
  });

  it("is unlocked by with, whatever the body does", async () => {
    const mutex = new Mutex();
    await expect(
      run(() =>
        mutex.with(async () => {
          throw new Error("inside");
        }),
      ),
    ).rejects.toThrow("inside");
    expect(mutex.locked).toBe(false);
  });
});

describe("an event", () => {
  it("wakes everybody when it is set, and lets nobody wait until it is cleared", async () => {
    const event = new Event();
    let woken = 0;
    await run(function* () {
      for (let i = 0; i < 3; i++) {
        spawn(function* () {
          yield* event.wait();
          woken++;
        });
      }
      yield* yieldNow();
      expect(woken).toBe(0);
      event.set();
      yield* event.wait();
      yield* yieldNow();
      expect(woken).toBe(3);
      event.clear();
      expect(event.isSet).toBe(false);
    });
  });
});

describe("a deferred", () => {
  it("gives its value to those who waited and those who come later", async () => {
    const deferred = new Deferred<number>();
    await run(function* () {
      const early = spawn(() => deferred);
      const awaiting = spawn(async () => await deferred);
      yield* yieldNow();
      deferred.resolve(1);
      deferred.resolve(2);
      deferred.reject(new Error("too late"));
      expect([yield* early, yield* awaiting, yield* deferred]).toEqual([1, 1, 1]);
    });
  });

  it("throws its error to whoever waits", async () => {
    const deferred = new Deferred<number>();
    deferred.reject(new Error("no"));
    await expect(run(() => deferred)).rejects.toThrow("no");
    await expect(async () => await deferred).rejects.toThrow("no");
  });
});

describe("a local", () => {
  it("is inherited by tasks, and changed for the task that sets it only", async () => {
    const user = new Local("nobody", "user");
    await run(function* () {
      user.set("ada");
      const child = spawn(function* () {
        expect(user.get()).toBe("ada");
        user.set("grace");
        yield* sleep(1);
        return user.get();
      });
      const other = spawn(async () => {
        await sleep(1);
        return user.get();
      });
      user.set("alan");
      expect([yield* child, yield* other, user.get()]).toEqual(["grace", "ada", "alan"]);
    });
    expect(user.get()).toBe("nobody");
  });

  it("has another value inside run, in both styles", async () => {
    const depth = new Local(0);
    await run(function* () {
      const inside = yield* depth.run(1, () => depth.run(2, async () => depth.get()));
      expect([inside, depth.get()]).toEqual([2, 0]);
    });
  });
});
