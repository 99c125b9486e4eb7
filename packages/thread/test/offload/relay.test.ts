import { afterAll, beforeAll, expect, test } from "vitest";
import { ComputePool } from "../../src/offload/compute-pool.ts";
import { setCompute } from "../../src/offload/home.ts";
import { client, fixture, serving } from "../serving.ts";

const pool = new ComputePool({ threads: 3, queue: 4 });
beforeAll(() => setCompute(pool));
afterAll(() => pool.destroy());

const started = new Int32Array(new SharedArrayBuffer(4));
const offloading = () => serving({ filename: fixture("offload-thread"), data: () => ({ started }) });

test("serving threads share the pool of their process", async () => {
  const { port } = await offloading();
  const [first, second] = [await client(port), await client(port)];
  expect(await first.ask("double")).toBe("42");
  expect(await second.ask("double")).toBe("42");
  expect(await second.ask("pressure")).toBe("3");
  const [home, away] = [Number(await first.ask("here")), Number(await first.ask("where"))];
  expect(away).not.toBe(home);
});

test("a task's error reaches the serving thread with its class name and code", async () => {
  const { port } = await offloading();
  expect(JSON.parse(await (await client(port)).ask("fail"))).toEqual({ name: "StockError", code: "ERR_STOCK" });
});

test("a call of a serving thread rejects when its compute thread ends, unless it has answered", async () => {
  const { port } = await offloading();
  const one = await client(port);
  expect(JSON.parse(await one.ask("die"))).toEqual({ name: "OffloadLostError", code: "ERR_PLAIT_OFFLOAD_LOST" });
  expect(await one.ask("last words")).toBe('"heard"');
});

test("what a serving thread had offloaded is cancelled when the thread ends, and its core is free", async () => {
  const { port, until } = await offloading();
  const [first, second] = [await client(port), await client(port)];
  first.socket.write("spin");
  while (Atomics.load(started, 0) === 0) await Atomics.waitAsync(started, 0, 0).value;
  expect(pool.load.running).toBe(1);
  first.socket.write("exit");
  await until((event) => event.type === "exited");
  while (pool.load.running > 0) await new Promise(setImmediate);
  expect(await second.ask("double")).toBe("42");
});
