import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { collectYoung } from "../src/young-garbage.ts";

/** What the types of Node leave out. */
type Collected = PerformanceEntry & { readonly detail: { readonly kind: number } };

it("collects young garbage when it is asked to, and no more", async () => {
  collectYoung();
  const kinds: unknown[] = [];
  const seen = new Promise<void>((resolve) => {
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) kinds.push((entry as Collected).detail.kind);
      if (kinds.length < 5) return;
      observer.disconnect();
      resolve();
    });
    observer.observe({ entryTypes: ["gc"] });
  });
  for (let n = 0; n < 5; n++) collectYoung();
  await seen;
  expect(kinds).toEqual(Array(5).fill(constants.NODE_PERFORMANCE_GC_MINOR));
});

it("leaves no gc function behind, in this thread or in a new one", async () => {
  collectYoung();
  expect("gc" in globalThis).toBe(false);
  const worker = new Worker('require("worker_threads").parentPort.postMessage("gc" in globalThis)', { eval: true });
  expect(await new Promise((resolve) => worker.once("message", resolve))).toBe(false);
});

it("works in a worker thread", async () => {
  const url = new URL("../src/young-garbage.ts", import.meta.url);
  const source = `
    const { parentPort } = require("worker_threads");
    const { PerformanceObserver } = require("perf_hooks");
    import(${JSON.stringify(url.href)}).then(({ collectYoung }) => {
      collectYoung();
      new PerformanceObserver((list) => parentPort.postMessage(list.getEntries().length > 0)).observe({ entryTypes: ["gc"] });
      collectYoung();
    });
  `;
  const worker = new Worker(source, { eval: true });
  expect(await new Promise((resolve) => worker.once("message", resolve))).toBe(true);
  await worker.terminate();
});
