import { expect, test } from "vitest";
import { client, serving } from "./serving.ts";

test("the time of garbage collection is added up while a thread makes garbage", async () => {
  const { group, port } = await serving({ units: ["p1.t1"] });
  const { ask } = await client(port);
  let gc = 0;
  while (gc === 0) {
    await ask("make garbage");
    gc = (await group.usage(1000)).get("p1.t1")?.gcMs ?? 0;
  }
  await ask("make garbage");
  expect((await group.usage(1000)).get("p1.t1")?.gcMs).toBeGreaterThanOrEqual(gc);
});

test("a thread that hangs shows a busy event loop, and an idle one does not; neither keeps the reader waiting", async () => {
  const { group, port, until } = await serving({ watchdog: { report: 200, kill: 0 } });
  const [first] = [await client(port), await client(port)];
  await first.ask("a");
  const before = await group.usage(5000);
  for (const { heapUsed, cpuMs } of before.values()) {
    expect(heapUsed).toBeGreaterThan(1_000_000);
    expect(cpuMs).toBeGreaterThan(0);
  }
  first.socket.write("loop");
  await until((event) => event.type === "blocked");
  // The reading that the next ones count from.
  await group.usage(100);
  let during = await group.usage(100);
  expect(during.get("p1.t1")?.utilization).toBeGreaterThan(0.9);
  // Other programs share the machine: an idle thread may take a moment to look idle.
  while ((during.get("p1.t2")?.utilization ?? 1) > 0.5) {
    during = await group.usage(100);
    expect(during.get("p1.t1")?.utilization).toBeGreaterThan(0.9);
  }
  // V8 answers between two turns of the loop that hangs.
  expect(during.get("p1.t1")?.cpuMs).toBeGreaterThan(before.get("p1.t1")?.cpuMs ?? 0);
});
