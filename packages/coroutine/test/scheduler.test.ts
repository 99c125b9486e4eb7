import { Channel, Event, run, sleep, spawn, spawnWith, yieldNow } from "@plait/coroutine";
import { virtualTime } from "@plait/coroutine/testing";
import { describe, expect, it } from "vitest";

describe("the scheduler", () => {
  it("does not suspend on a ready operation, and gives way after its budget of them", async () => {
    const ready = new Event();
    ready.set();
    let others = 0;
    await run(function* () {
      spawn(function* () {
        for (;;) {
          others++;
          if (others > 1) return;
          yield* yieldNow();
        }
      });
      for (let i = 0; i < 100; i++) yield* ready.wait();
      expect(others).toBe(0);
      for (let i = 0; i < 100; i++) yield* ready.wait();
      expect(others).toBe(1);
    });
  });

  it("lets timers and I/O in while tasks do nothing but yield", async () => {
    let stop = false;
    const timer = new Promise<void>((resolve) => setTimeout(resolve, 5));
    await run(function* () {
      for (let i = 0; i < 3; i++) {
        spawn(function* () {
          while (!stop) yield* yieldNow();
        });
      }
      spawn(async () => {
        await timer;
        stop = true;
      });
    });
    expect(stop).toBe(true);
  });

  it("lets timers and I/O in while a task finds everything ready", async () => {
    const ready = new Event();
    ready.set();
    let stop = false;
    setTimeout(() => {
      stop = true;
    }, 5);
    await run(function* () {
      while (!stop) yield* ready.wait();
    });
    stop = false;
    setTimeout(() => {
      stop = true;
    }, 5);
    await run(async () => {
      while (!stop) await ready.wait();
    });
    expect(stop).toBe(true);
  });

  it("lets timers and I/O in while promises wake tasks without end", async () => {
    let stop = false;
    setTimeout(() => {
      stop = true;
    }, 5);
    await run(function* () {
      const channel = new Channel<number>();
      spawn(async () => {
        while (!stop) await channel.send(1);
        channel.close();
      });
      for (let n = yield* channel.next(); !n.done; n = yield* channel.next());
    });
    expect(stop).toBe(true);
  });

  it("serves urgent tasks first and starves nobody", async () => {
    const steps = [0, 0, 0, 0];
    await run(function* () {
      for (const priority of [3, 2, 1, 0] as const) {
        spawnWith({ priority, daemon: true }, function* () {
          for (;;) {
            steps[priority] = (steps[priority] ?? 0) + 1;
            yield* yieldNow();
          }
        });
      }
      for (let i = 0; i < 400; i++) yield* yieldNow();
    });
    // Two tasks share the normal steps: this one and the counting one.
    const [urgent = 0, normal = 0, low = 0, idle = 0] = steps;
    expect(urgent).toBeGreaterThan(normal * 2 * 1.5);
    expect(normal * 2).toBeGreaterThan(low * 1.5);
    expect(low).toBeGreaterThan(idle * 1.5);
    expect(idle).toBeGreaterThan(50);
  });

  it("gives a task the priority of the one that starts it, unless told otherwise", async () => {
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    await run(function* () {
      spawn(note("normal"));
      spawnWith({ priority: 0 }, function* () {
        for (let i = 0; i < 3; i++) spawn(note("urgent"));
        yield* yieldNow();
      });
    });
    expect(order.slice(0, 3)).toEqual(["urgent", "urgent", "urgent"]);
  });

  it("wakes sleepers in the order of their deadlines, and those of the same in order of arrival", async () => {
    using _ = virtualTime();
    const woken: { ms: number; i: number }[] = [];
    await run(function* () {
      for (let i = 0; i < 500; i++) {
        spawn(function* () {
          const ms = 1 + ((i * 7919) % 100);
          yield* sleep(ms);
          woken.push({ ms, i });
        });
      }
    });
    expect(woken).toEqual(woken.toSorted((a, b) => a.ms - b.ms || a.i - b.i));
    expect(woken).toHaveLength(500);
  });

  it("does not let the process wait for a timer nobody waits for any more", async () => {
    const from = performance.now();
    await run(function* () {
      const task = spawn(function* () {
        yield* sleep(60_000);
      });
      yield* yieldNow();
      yield* task.cancel();
    });
    expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length).toBeLessThanOrEqual(3);
    expect(performance.now() - from).toBeLessThan(5000);
  });

  it("holds a hundred thousand sleeping tasks, and cancels them all", async () => {
    let ended = 0;
    await run(function* () {
      const all = spawn(function* () {
        for (let i = 0; i < 100_000; i++) {
          spawn(function* () {
            try {
              yield* sleep(1_000_000);
            } finally {
              ended++;
            }
          });
        }
      });
      yield* yieldNow();
      yield* yieldNow();
      yield* all.cancel();
    });
    expect(ended).toBe(100_000);
  });
});
