import {
  Channel,
  run,
  scope,
  shield,
  sleep,
  spawn,
  TaskCancelledError,
  TimeoutError,
  timeout,
  yieldNow,
} from "@plait/coroutine";
import { Alarm, now } from "@plait/coroutine/unstable";
import { describe, expect, it } from "vitest";
import { onVirtualTime } from "./quiet.ts";

onVirtualTime();

/** Sends from a timer, with no step of a task in between. */
class Sender extends Alarm {
  readonly #channel: Channel<number>;

  constructor(channel: Channel<number>) {
    super();
    this.#channel = channel;
  }

  protected fired(): void {
    this.#channel.trySend(7);
  }
}

describe("a timeout", () => {
  it("passes on an operation that is in time, ready or not", async () => {
    const channel = new Channel<number>(1);
    channel.trySend(1);
    expect(await run(() => timeout(1000, channel.recv()))).toBe(1);
    expect(
      await run(function* () {
        spawn(function* () {
          yield* sleep(1);
          yield* channel.send(2);
        });
        return yield* timeout(1000, channel.recv());
      }),
    ).toBe(2);
  });

  it("throws TimeoutError that names what was waited for, and takes the operation back", async () => {
    const channel = new Channel<number>(1, { name: "orders" });
    const failed = run(() => timeout(2, channel.recv()));
    await expect(failed).rejects.toMatchObject({ ms: 2, waitingOn: "recv on channel orders" });
    expect(channel.trySend(1)).toBe(true);
    expect(channel.size).toBe(1);
  });

  it("loses no value that was handed over before the time was over", async () => {
    const channel = new Channel<number>();
    await run(function* () {
      // Due at the same time as the deadline and set before it, so the value is handed over first.
      new Sender(channel).set(now() + 1);
      expect(
        yield* timeout(1, function* () {
          return yield* channel.recv();
        }),
      ).toBe(7);
    });
  });

  it("cancels a body and throws after its cleanup", async () => {
    const log: string[] = [];
    const failed = run(() =>
      timeout(2, function* () {
        try {
          yield* sleep(10_000);
        } finally {
          yield* shield(function* () {
            yield* sleep(2);
            log.push("cleaned up");
          });
        }
      }),
    );
    await expect(failed).rejects.toThrow(TimeoutError);
    expect(log).toEqual(["cleaned up"]);
  });

  it("takes the shortest of nested times, and blames the one that passed", async () => {
    const failed = run(() => timeout(10_000, () => timeout(2, () => timeout(5000, sleep(20_000)))));
    await expect(failed).rejects.toMatchObject({ ms: 2 });
    const outer = run(() => timeout(2, () => timeout(10_000, sleep(20_000))));
    await expect(outer).rejects.toMatchObject({ ms: 2 });
  });

  it("does not turn somebody else's cancel into a timeout", async () => {
    await run(function* () {
      const task = spawn(() => timeout(10_000, sleep(20_000)));
      const body = spawn(() => timeout(10_000, () => sleep(20_000)));
      yield* sleep(1);
      yield* task.cancel();
      yield* body.cancel();
      expect(task.outcome?.status).toBe("cancelled");
      expect(body.outcome?.status).toBe("cancelled");
      const victim = spawn(function* () {
        yield* sleep(10_000);
      });
      yield* yieldNow();
      victim.cancel();
      let seen: unknown;
      try {
        yield* timeout(1000, victim);
      } catch (error) {
        seen = error;
      }
      expect(seen).toBeInstanceOf(TaskCancelledError);
    });
  });

  it("bounds a scope together with everything in it", async () => {
    let alive = 0;
    const failed = run(() =>
      timeout(
        3,
        scope(function* (s) {
          for (let i = 0; i < 5; i++) {
            s.spawn(function* () {
              alive++;
              try {
                yield* sleep(10_000);
              } finally {
                alive--;
              }
            });
          }
        }),
      ),
    );
    await expect(failed).rejects.toThrow(TimeoutError);
    expect(alive).toBe(0);
  });

  it("frees its waiter although an async body is stuck on a promise that ignores the signal", async () => {
    let settle: () => void = () => {};
    const stuck = new Promise<void>((resolve) => {
      settle = resolve;
    });
    let freed = false;
    await run(function* () {
      try {
        yield* timeout(2, async () => await stuck);
      } catch (error) {
        expect(error).toBeInstanceOf(TimeoutError);
        freed = true;
        settle();
      }
    });
    expect(freed).toBe(true);
  });
});
