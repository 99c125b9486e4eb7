import { Channel, ChannelClosed, run, sleep, spawn, yieldNow } from "@plait/coroutine";
import { describe, expect, it } from "vitest";

function* collect<T>(channel: Channel<T>) {
  const got: T[] = [];
  for (let n = yield* channel.next(); !n.done; n = yield* channel.next()) got.push(n.value);
  return got;
}

describe("a channel", () => {
  it("makes sender and receiver meet when it has no capacity", async () => {
    const log: string[] = [];
    const channel = new Channel<string>();
    await run(function* () {
      spawn(function* () {
        yield* channel.send("a");
        log.push("sent");
      });
      yield* sleep(2);
      expect(log).toEqual([]);
      expect(yield* channel.recv()).toBe("a");
      yield* yieldNow();
      expect(log).toEqual(["sent"]);
    });
  });

  it("lets senders run ahead as far as its capacity, in order", async () => {
    const channel = new Channel<number>(2);
    await run(function* () {
      const sender = spawn(function* () {
        for (let i = 0; i < 5; i++) yield* channel.send(i);
        channel.close();
      });
      yield* yieldNow();
      expect(channel.size).toBe(2);
      expect(sender.state).toBe("waiting");
      expect(yield* collect(channel)).toEqual([0, 1, 2, 3, 4]);
    });
  });

  it("serves waiting receivers and senders first come, first served", async () => {
    const channel = new Channel<number>();
    const got: string[] = [];
    await run(function* () {
      for (const name of ["x", "y", "z"]) {
        spawn(function* () {
          got.push(name + (yield* channel.recv()));
        });
      }
      yield* yieldNow();
      for (const n of [1, 2, 3]) expect(channel.trySend(n)).toBe(true);
      yield* yieldNow();
      expect(got).toEqual(["x1", "y2", "z3"]);
      for (const n of [4, 5, 6]) {
        spawn(function* () {
          yield* channel.send(n);
        });
      }
      yield* yieldNow();
      expect([yield* channel.recv(), yield* channel.recv(), yield* channel.recv()]).toEqual([4, 5, 6]);
    });
  });

  it("carries any value, undefined and null included", async () => {
    const channel = new Channel<unknown>(3);
    await run(function* () {
      for (const value of [undefined, null, 0]) yield* channel.send(value);
      channel.close();
      expect(yield* collect(channel)).toEqual([undefined, null, 0]);
    });
  });

  it("drains its buffer after it was closed, then throws, and iteration ends", async () => {
    const channel = new Channel<number>(2, { name: "orders" });
    channel.trySend(1);
    channel.trySend(2);
    channel.close();
    channel.close();
    await run(function* () {
      expect(yield* channel.recv()).toBe(1);
      expect(yield* channel.next()).toEqual({ done: false, value: 2 });
      expect(yield* channel.next()).toEqual({ done: true, value: undefined });
    });
    await expect(run(() => channel.recv())).rejects.toThrow('Channel "orders" is closed');
    await expect(run(() => channel.send(3))).rejects.toThrow(ChannelClosed);
    expect(channel.trySend(3)).toBe(false);
  });

  it("tells waiting receivers and senders that it was closed, and hands over what was not delivered", async () => {
    const lost: number[] = [];
    const channel = new Channel<number>(0, { undelivered: (value) => lost.push(value) });
    await run(function* () {
      const receiver = spawn(() => channel.recv());
      const iterating = spawn(() => channel.next());
      yield* yieldNow();
      channel.close();
      expect(yield* receiver.settled()).toMatchObject({ status: "rejected", reason: expect.any(ChannelClosed) });
      expect(yield* iterating).toEqual({ done: true, value: undefined });
    });
    const other = new Channel<number>(0, { undelivered: (value) => lost.push(value) });
    await run(function* () {
      const sender = spawn(() => other.send(9));
      yield* yieldNow();
      other.close();
      expect(yield* sender.settled()).toMatchObject({ status: "rejected", reason: expect.any(ChannelClosed) });
    });
    expect(lost).toEqual([9]);
  });

  it("throws the error it was closed with", async () => {
    const channel = new Channel<number>();
    channel.close(new Error("upstream gone"));
    await expect(run(() => channel.recv())).rejects.toThrow("upstream gone");
    await expect(run(() => channel.next())).rejects.toThrow("upstream gone");
  });

  it("drops the oldest or the newest value when told to, and reports it", async () => {
    const lost: number[] = [];
    const undelivered = (value: number) => lost.push(value);
    const oldest = new Channel<number>(2, { overflow: "drop-oldest", undelivered });
    const newest = new Channel<number>(2, { overflow: "drop-newest", undelivered });
    await run(function* () {
      for (const n of [1, 2, 3]) yield* oldest.send(n);
      for (const n of [1, 2, 3]) yield* newest.send(n);
      oldest.close();
      newest.close();
      expect(yield* collect(oldest)).toEqual([2, 3]);
      expect(yield* collect(newest)).toEqual([1, 2]);
    });
    expect(lost).toEqual([1, 3]);
    expect(() => new Channel(0, { overflow: "drop-oldest" })).toThrow(RangeError);
    expect(() => new Channel(-1)).toThrow(RangeError);
  });

  it("is iterable with for await, and closed by using", async () => {
    const got: number[] = [];
    await run(async () => {
      using channel = new Channel<number>();
      spawn(async () => {
        for (const n of [1, 2, 3]) await channel.send(n);
        channel.close();
      });
      for await (const n of channel) got.push(n);
    });
    expect(got).toEqual([1, 2, 3]);
  });

  it("does not suspend a receiver that finds a value", async () => {
    const channel = new Channel<number>(1000);
    for (let i = 0; i < 100; i++) channel.trySend(i);
    let others = 0;
    await run(function* () {
      spawn(function* () {
        others++;
      });
      for (let i = 0; i < 100; i++) yield* channel.recv();
      expect(others).toBe(0);
    });
  });
});
