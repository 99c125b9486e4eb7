// Latencies: counted by many threads at once, and written as Prometheus reads them.
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { expect, test } from "vitest";
import { latencyText } from "../src/health/latency-text.ts";
import { LatencyRecorder } from "../src/latency.ts";
import { latencyBounds } from "../src/latency-kinds.ts";
import type { SupervisorStatus } from "../src/status.ts";

test("every latency is in the first bucket that it fits into, and in the sum", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), { maxLength: 50 }), (all) => {
      const recorder = new LatencyRecorder(LatencyRecorder.memory());
      for (const ms of all) recorder.record("loop", ms);
      const { loop, accept } = recorder.read();
      expect(loop.buckets).toEqual(
        [...latencyBounds, Number.POSITIVE_INFINITY].map(
          (bound, place) => all.filter((ms) => ms <= bound && ms > (latencyBounds[place - 1] ?? -1)).length,
        ),
      );
      const sum = all.reduce((total, ms) => total + ms, 0);
      expect(Math.abs(loop.sumMs - sum)).toBeLessThanOrEqual(all.length * 0.0005 + 1e-6);
      expect(accept.sumMs).toBe(0);
    }),
  );
});

test("threads that count at the same time lose nothing", async () => {
  const memory = LatencyRecorder.memory();
  const module = new URL("../src/latency.ts", import.meta.url).href;
  const code = `
    const { LatencyRecorder } = await import(${JSON.stringify(module)});
    const { workerData } = await import("node:worker_threads");
    const recorder = new LatencyRecorder(workerData);
    for (let i = 0; i < 20_000; i++) recorder.record("accept", 1);
  `;
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  await Promise.all(
    [1, 2].map(() => {
      const worker = new Worker(url, { workerData: memory });
      return new Promise((resolve, reject) => worker.on("exit", resolve).on("error", reject));
    }),
  );
  const { accept } = new LatencyRecorder(memory).read();
  expect(accept.sumMs).toBe(40_000);
  expect(accept.buckets[latencyBounds.indexOf(1)]).toBe(40_000);
});

test("a histogram's buckets add up, for each process that has told", () => {
  const recorder = new LatencyRecorder(LatencyRecorder.memory());
  for (const ms of [0.1, 2, 2, 9_000]) recorder.record("accept", ms);
  const processes = [
    { unit: "p1", latencies: recorder.read() },
    { unit: "p2", latencies: null },
  ];
  const lines = latencyText({ services: [{ name: "echo", processes }] } as unknown as SupervisorStatus).split("\n");
  const of = (start: string) => lines.filter((line) => line.startsWith(start));
  expect(of("plait_accept_seconds_bucket")).toHaveLength(latencyBounds.length + 1);
  expect(of('plait_accept_seconds_bucket{le="0.001"')).toEqual([
    'plait_accept_seconds_bucket{le="0.001",service="echo",unit="p1"} 1',
  ]);
  expect(of('plait_accept_seconds_bucket{le="0.0025"')[0]).toMatch(/ 3$/);
  expect(of('plait_accept_seconds_bucket{le="+Inf"')[0]).toMatch(/ 4$/);
  expect(of("plait_accept_seconds_sum")[0]).toMatch(/ 9\.0041$/);
  expect(of("plait_accept_seconds_count")[0]).toMatch(/ 4$/);
  expect(of("# TYPE")).toHaveLength(3);
});
