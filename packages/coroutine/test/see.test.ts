import {
  Channel,
  dump,
  instrument,
  Mutex,
  run,
  scope,
  sleep,
  spawn,
  spawnWith,
  type Task,
  tasks,
  traceSpawns,
  until,
  yieldNow,
} from "@plait/coroutine";
import { Progress, shareProgress } from "@plait/coroutine/unstable";
import { describe, expect, it } from "vitest";
import { program } from "./program.ts";

describe("tasks()", () => {
  it("lists every task with its owner, its state and what it waits on", async () => {
    const channel = new Channel<string>(0, { name: "orders" });
    await run(function* main() {
      const handler = spawn(function* handler() {
        yield* channel.recv();
      });
      const worker = spawnWith({ name: "worker", daemon: true }, async () => await until(new Promise(() => {})));
      const holder = spawnWith({ name: "holder" }, () =>
        scope(function* inner() {
          yield* sleep(10_000);
        }),
      );
      yield* sleep(2);
      const all = tasks();
      const find = (task: Task) => all.find((info) => info.id === task.id);
      expect(find(handler)).toMatchObject({ name: "handler", state: "waiting", waitingOn: "recv on channel orders" });
      expect(find(worker)).toMatchObject({ name: "worker", daemon: true, waitingOn: "a promise" });
      const names = all.map((info) => info.name);
      expect(all[names.indexOf("inner")]).toMatchObject({ parent: holder.id, waitingOn: "sleep of 10000 ms" });
      expect(names.indexOf("holder")).toBeLessThan(names.indexOf("inner"));
      yield* handler.cancel();
      yield* holder.cancel();
    });
    expect(tasks()).toEqual([]);
  });

  it("says since when a task has been waiting, and how often it was resumed", async () => {
    await run(function* () {
      const task = spawn(function* () {
        yield* yieldNow();
        yield* sleep(10_000);
      });
      yield* sleep(30);
      const info = tasks().find(({ id }) => id === task.id);
      expect(info?.waitingMs).toBeGreaterThan(20);
      expect(info?.resumes).toBe(2);
      yield* task.cancel();
    });
  });
});

describe("dump()", () => {
  it("shows the tree, the exact suspended line and, on request, the local variables", async () => {
    const text = await run(function* main() {
      const task = spawn(function* handler(peer: string) {
        let state = "greeting";
        yield* yieldNow();
        state = "reading";
        yield* sleep(10_000);
        return [peer, state];
      }, "10.0.0.7");
      while (tasks().every(({ waitingOn }) => waitingOn !== "sleep of 10000 ms")) yield* yieldNow();
      const text = dump({ locals: true });
      yield* task.cancel();
      return text;
    });
    expect(text).toMatch(/main \(\d+\): running[\s\S]*\n {4}handler \(\d+\): waiting on sleep of 10000 ms for \d+ ms/);
    expect(text).toMatch(/at .*see\.test\.ts:\d+:\d+/);
    expect(text).toContain('peer = "10.0.0.7"');
    expect(text).toContain('state = "reading"');
  });

  it("shows where tasks were spawned while spawns are traced", async () => {
    await run(function* () {
      using _ = traceSpawns();
      const task = spawn(function* () {
        yield* sleep(10_000);
      });
      expect(tasks().find(({ id }) => id === task.id)?.spawnedAt).toMatch(/see\.test\.ts:\d+/);
      yield* task.cancel();
    });
  });
});

describe("instruments", () => {
  it("see every task spawned, parked, woken, stepped and done", async () => {
    const seen: string[] = [];
    using _ = instrument({
      spawned: (task) => seen.push(`spawned ${task.name}`),
      waiting: (task, on) => seen.push(`${task.name} waiting on ${on}`),
      woke: (task) => seen.push(`woke ${task.name}`),
      done: (task) => seen.push(`done ${task.name}`),
    });
    let steps = 0;
    using _steps = instrument({ beforeStep: () => steps++, afterStep: (_task, ns) => expect(ns).toBeGreaterThan(0) });
    await run(function* one() {
      yield* sleep(1);
    });
    expect(seen).toEqual(["spawned one", "one waiting on sleep of 1 ms", "woke one", "done one"]);
    expect(steps).toBe(2);
  });

  it("are told which task blocked the loop, for how long and where", async () => {
    const blocked: string[] = [];
    using _ = instrument({
      blockedAfter: 20,
      blocked: ({ ms, task, stack }) => blocked.push(`${task.name} ${ms >= 20} ${stack}`),
    });
    await run(function* () {
      spawn(function* innocent() {
        yield* sleep(1);
      });
      spawn(function* culprit() {
        const end = performance.now() + 30;
        while (performance.now() < end);
        yield* sleep(1);
      });
    });
    expect(blocked).toHaveLength(1);
    expect(blocked[0]).toMatch(/^culprit true .*see\.test\.ts:\d+/);
  });

  it("let another thread see which task is running", async () => {
    const view = new Int32Array(new SharedArrayBuffer(8));
    shareProgress(view);
    try {
      await run(function* () {
        const task = spawn(function* () {
          return view[Progress.task];
        });
        expect(yield* task).toBe(task.id);
      });
    } finally {
      shareProgress(undefined);
    }
    expect(view[Progress.task]).toBe(0);
    expect(view[Progress.steps]).toBeGreaterThan(2);
  });
});

describe("a deadlock", () => {
  it("ends with an error that names every waiter and the cycle, while a cycle alone is only reported", async () => {
    const { stdout, code } = await program("deadlock-locks");
    expect(code).toBe(0);
    expect(stdout).toMatch(/warning PLAIT_WAIT_CYCLE: .*restock.*the lock of mutex orders.*checkout.*stock/);
    expect(stdout).toMatch(/warning[\s\S]*the rest kept running[\s\S]*DeadlockError: 3 tasks wait/);
    expect(stdout).toMatch(/checkout \(\d+\) waits on the lock of mutex stock/);
    expect(stdout).toMatch(/cycle: (checkout, restock|restock, checkout)/);
  });

  it("is found in async code, and again after the program went on", async () => {
    expect((await program("deadlock-twice")).stdout).toBe("first DeadlockError\nsecond DeadlockError\n");
  });

  it("is never seen where the host can still wake somebody", async () => {
    expect((await program("no-deadlock")).stdout).toBe("file\ncallback\ntimer\n");
  });

  it("of joins is reported when it closes", async () => {
    const cycles: string[][] = [];
    using _ = instrument({ cycle: (tasks) => cycles.push(tasks.map((task) => task.name)) });
    await run(function* () {
      let b: Task | undefined;
      const a: Task = spawn(function* a() {
        if (b) yield* b;
      });
      b = spawn(function* b() {
        yield* a;
      });
      yield* sleep(1);
      expect(cycles).toEqual([["b", "a"]]);
      yield* a.cancel();
      yield* b.settled();
    }).catch(() => {});
  });

  it("of a task with itself is reported", async () => {
    const mutex = new Mutex("twice");
    let found = 0;
    using _ = instrument({ cycle: () => found++ });
    await run(function* () {
      const task = spawn(function* () {
        using _first = yield* mutex.lock();
        using _second = yield* mutex.lock();
      });
      yield* sleep(1);
      yield* task.cancel();
    });
    expect(found).toBe(1);
    expect(mutex.locked).toBe(false);
  });
});

describe("an error nobody joins outside every scope", () => {
  it("is thrown as an uncaught exception, and one that is joined in time is not", async () => {
    expect((await program("unhandled")).stdout).toBe("caught: joined in time\nuncaught: nobody listened\n");
  });
});
