import { Cancelled, type Outcome, run, shield, sleep, spawn, spawnWith, TimeoutError, timeout } from "@plait/coroutine";
import {
  Alarm,
  collectWakes,
  now,
  Operation,
  outlivesCancel,
  resumeNow,
  type Waiter,
  WaitList,
  Witness,
  wakeAll,
} from "@plait/coroutine/unstable";
import { describe, expect, it } from "vitest";

/** A mailbox as a package with I/O of its own would write it. */
class Inbox extends Operation<string> {
  readonly mail: string[] = [];
  readonly waiters = new WaitList();
  parked = 0;

  poll(): boolean {
    const letter = this.mail.shift();
    if (letter === undefined) return false;
    this.value = letter;
    return true;
  }
  park(waiter: Waiter): void {
    this.parked++;
    this.waiters.push(waiter);
  }
  withdraw(waiter: Waiter): boolean {
    this.waiters.remove(waiter);
    return true;
  }
  describe(): string {
    return "read of the inbox";
  }
  override get kind() {
    return "outside" as const;
  }
}

describe("an operation of one's own", () => {
  it("does not park a task that finds its value ready", async () => {
    const inbox = new Inbox();
    inbox.mail.push("a", "b");
    expect(
      await run(function* () {
        return (yield* inbox) + (yield* inbox);
      }),
    ).toBe("ab");
    expect(inbox.parked).toBe(0);
  });

  it("wakes a parked task before the host callback returns", async () => {
    const inbox = new Inbox();
    const got: string[] = [];
    const done = run(function* () {
      for (let i = 0; i < 2; i++) got.push(yield* inbox);
    });
    await new Promise(setImmediate);
    setTimeout(() => {
      resumeNow(inbox.waiters.shift() as Waiter, "first");
      expect(got).toEqual(["first"]);
      resumeNow(inbox.waiters.shift() as Waiter, "second");
      expect(got).toEqual(["first", "second"]);
    });
    await done;
  });

  it("wakes several tasks of one callback together, in the order they were resumed", async () => {
    const inbox = new Inbox();
    const got: string[] = [];
    const done = run(function* () {
      for (const name of ["x", "y"])
        spawn(function* () {
          got.push(name + (yield* inbox));
        });
    });
    await new Promise(setImmediate);
    for (let n = 1; !inbox.waiters.empty; n++) inbox.waiters.shift()?.resume(String(n));
    wakeAll();
    expect(got).toEqual(["x1", "y2"]);
    await done;
  });

  it("keeps what a callback wakes for its end when it says so, and only that", async () => {
    const inbox = new Inbox();
    const got: string[] = [];
    const done = run(function* () {
      for (let i = 0; i < 2; i++) got.push(yield* inbox);
    });
    await new Promise(setImmediate);
    collectWakes();
    wakeAll();
    collectWakes();
    inbox.waiters.shift()?.resume("first");
    await Promise.resolve();
    expect(got).toEqual([]);
    wakeAll();
    expect(got).toEqual(["first"]);
    inbox.waiters.shift()?.resume("second");
    await done;
    expect(got).toEqual(["first", "second"]);
  });

  it("serves many tasks through one object, and await as well", async () => {
    const inbox = new Inbox();
    const all = [
      run(function* () {
        return yield* inbox;
      }),
      run(function* () {
        return yield* inbox;
      }),
      run(async () => await inbox),
      Promise.resolve(inbox),
    ];
    await new Promise(setImmediate);
    for (let n = 1; !inbox.waiters.empty; n++) inbox.waiters.shift()?.resume(String(n));
    expect((await Promise.all(all)).sort()).toEqual(["1", "2", "3", "4"]);
  });

  it("is taken back when its task is cancelled or a timeout passes", async () => {
    const inbox = new Inbox();
    await run(function* () {
      const reader = spawn(function* () {
        yield* inbox;
      });
      yield* sleep(1);
      expect(inbox.waiters.empty).toBe(false);
      yield* reader.cancel();
      expect(inbox.waiters.empty).toBe(true);
      expect(reader.outcome).toMatchObject({ status: "cancelled", reason: expect.any(Cancelled) });
    });
    await expect(run(() => timeout(1, inbox))).rejects.toThrow(TimeoutError);
    expect(inbox.waiters.empty).toBe(true);
  });

  it("runs up to its first wait before spawnWith returns, when started now", async () => {
    const inbox = new Inbox();
    const task = spawnWith({ start: "now" }, function* () {
      return yield* inbox;
    });
    expect(inbox.parked).toBe(1);
    resumeNow(inbox.waiters.shift() as Waiter, "hello");
    expect(task.outcome).toEqual({ status: "fulfilled", value: "hello" });
  });
});

class Bell extends Alarm {
  rings = 0;
  readonly #rung: () => void;

  constructor(rung: () => void) {
    super();
    this.#rung = rung;
  }

  protected override fired(): void {
    this.rings++;
    this.#rung();
  }
}

describe("an alarm", () => {
  it("goes off once for the time it was set to last, and never after it was taken back", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const bell = new Bell(resolve);
    const silent = new Bell(() => {});
    silent.set(now() + 1);
    bell.set(now() + 60_000);
    bell.set(now() + 2);
    silent.unset();
    await promise;
    expect([bell.rings, bell.at, silent.rings]).toEqual([1, Number.POSITIVE_INFINITY, 0]);
  });
});

class Notary extends Witness {
  readonly seen: Outcome<unknown>[] = [];

  ended(outcome: Outcome<unknown>): void {
    this.seen.push(outcome);
  }
}

describe("a witness", () => {
  it("is told of a task's end once, however it ends and whenever it began to watch", async () => {
    const error = new Error("no");
    const notaries = Array.from({ length: 4 }, () => new Notary());
    const [early, failing, stopped, late] = notaries;
    await run(function* () {
      early?.watch(spawn(() => 1));
      const failed = spawn(async () => {
        throw error;
      });
      failing?.watch(failed);
      const asleep = spawn(() => sleep(60_000));
      stopped?.watch(asleep);
      const done = spawn(() => 2);
      yield* sleep(1);
      yield* asleep.cancel();
      late?.watch(done);
    });
    expect(notaries.map(({ seen }) => seen)).toMatchObject([
      [{ status: "fulfilled", value: 1 }],
      [{ status: "rejected", reason: error }],
      [{ status: "cancelled" }],
      [{ status: "fulfilled", value: 2 }],
    ]);
  });

  it("hears of a task only when all that it owns has ended, and owns the error of a child", async () => {
    const notary = new Notary();
    const error = new Error("a child failed");
    let cleaned = false;
    const task = spawn(function* () {
      spawn(async () => {
        await null;
        throw error;
      });
      try {
        yield* sleep(60_000);
      } finally {
        yield* shield(() => sleep(1));
        cleaned = true;
      }
    });
    notary.watch(task);
    await task.settled();
    expect(cleaned).toBe(true);
    expect(notary.seen).toEqual([{ status: "rejected", reason: error }]);
  });
});

it("knows a cancelled task that no cancel reaches from one that unwinds", async () => {
  const gate = Promise.withResolvers<void>();
  const deaf = spawn(() => gate.promise);
  const hearing = spawn(async () => sleep(60_000));
  await new Promise(setImmediate);
  void deaf.cancel();
  void hearing.cancel();
  await new Promise(setImmediate);
  expect([outlivesCancel(deaf), outlivesCancel(hearing)]).toEqual([true, false]);
  gate.resolve();
  await Promise.all([deaf.settled(), hearing.settled()]);
  expect(outlivesCancel(deaf)).toBe(false);
});
