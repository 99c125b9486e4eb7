import { Cancelled, run, sleep, spawn, spawnWith, TimeoutError, timeout } from "@plait/coroutine";
import {
  Alarm,
  collectWakes,
  now,
  Operation,
  resumeNow,
  type Waiter,
  WaitList,
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
