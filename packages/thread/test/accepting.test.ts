// Threads that accept connections themselves: what their group knows of them.
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { MessageChannel } from "node:worker_threads";
import { expect, test } from "vitest";
import { fixture, serving } from "./serving.ts";

/** A group of one thread that accepts for itself, and a client whom it serves. */
async function accepting() {
  const numbers = new SharedArrayBuffer(8);
  const [open, total] = [new Int32Array(numbers, 0, 1), new Int32Array(numbers, 4, 1)];
  const { port1, port2 } = new MessageChannel();
  const told = once(port1, "message");
  const stats = () => {
    const [connections, all] = [Atomics.load(open, 0), Atomics.load(total, 0)];
    return { connections, total: all, outcomes: { served: all - connections }, lost: 0 };
  };
  const { group } = await serving({
    units: ["p1.t1"],
    filename: fixture("accepting-thread"),
    data: () => ({ open, total }),
    accepting: () => ({ line: port2, stats }),
    coroutines: 1,
  });
  const [{ port }] = (await told) as [AddressInfo];
  const client = connect(port, "127.0.0.1");
  client.write("hello");
  await once(client, "data");
  return { group, client };
}

const calm = new AbortController().signal;

test("its connections are in its counters and take its room, and a stop waits for them", async () => {
  const { group, client } = await accepting();
  expect(group.hasRoom).toBe(false);
  expect(group.stats.get("p1.t1")).toMatchObject({ connections: 1, total: 1, lost: 0 });
  const stopped = group.stop({ drain: 20_000, cancel: 1_000 }, calm);
  // Often enough that the thread would be gone by then.
  for (let times = 0; times < 50; times++) {
    client.write("still served");
    await once(client, "data");
  }
  client.destroy();
  await stopped;
  expect(group.stats.get("p1.t1")).toMatchObject({ connections: 0, total: 1, outcomes: { served: 1 }, lost: 0 });
});

test("a stop that is hurried, or has waited long enough, waits no longer; what it cuts off is lost", async () => {
  for (const [drain, hurry] of [
    [60_000, AbortSignal.abort()],
    [50, calm],
  ] as const) {
    const { group, client } = await accepting();
    client.on("error", () => {});
    await group.stop({ drain, cancel: 50 }, hurry);
    expect(group.stats.get("p1.t1")).toMatchObject({ connections: 0, total: 1, lost: 1 });
  }
});
