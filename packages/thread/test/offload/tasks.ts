// Tasks for the tests: what they do, and how they misbehave.
import { readlinkSync } from "node:fs";
import { getPriority } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { parentPort, threadId } from "node:worker_threads";
import { offload } from "../../src/offload/offload.ts";
import { defineTask } from "../../src/offload/task.ts";

export class StockError extends Error {
  override readonly name = "StockError";
  readonly code = "ERR_STOCK";
}

export const double = defineTask(import.meta.url, "double", (n: number) => n * 2);
export const where = defineTask(import.meta.url, "where", () => threadId);
/** The nice value of the thread that it runs on. Linux keeps one for each thread. */
export const niceness = defineTask(import.meta.url, "niceness", () => {
  const [, , thread] = readlinkSync("/proc/thread-self").split("/");
  return getPriority(Number(thread));
});
export const later = defineTask(import.meta.url, "later", async (ms: number, value: string) => {
  await delay(ms);
  return value;
});
/** Writes into the cell when it has returned. */
export const afterwards = defineTask(import.meta.url, "afterwards", (cell: Int32Array<SharedArrayBuffer>) => {
  setTimeout(() => {
    Atomics.store(cell, 0, 1);
    Atomics.notify(cell, 0);
  }, 1);
});
export const fail = defineTask(import.meta.url, "fail", (what: string): number => {
  throw new StockError(what, { cause: new RangeError("none left") });
});
export const spin = defineTask(import.meta.url, "spin", (started: Int32Array<SharedArrayBuffer>): number => {
  Atomics.add(started, 0, 1);
  Atomics.notify(started, 0);
  for (let n = 0; ; n++) Math.sqrt(n);
});
/** Adds a mark to the list, and waits until the gate is open. */
export const gated = defineTask(
  import.meta.url,
  "gated",
  (gate: Int32Array<SharedArrayBuffer>, mark: number, marks: Int32Array<SharedArrayBuffer>) => {
    Atomics.store(marks, Atomics.add(marks, 0, 1) + 1, mark);
    Atomics.notify(marks, 0);
    Atomics.wait(gate, 0, 0);
    return mark;
  },
);
export const exit = defineTask(import.meta.url, "exit", (code: number): number => process.exit(code));
export const throwLater = defineTask(import.meta.url, "throwLater", async () => {
  setTimeout(() => {
    throw new Error("boom");
  });
  await delay(10_000);
});
/** Ends its thread as soon as the answer is posted: what is to be moved is asked just before. */
export const lastWords = defineTask(import.meta.url, "lastWords", (words: string) => words, {
  transfer() {
    queueMicrotask(() => process.exit(1));
    return [];
  },
});
/** Posts something to whoever has started its thread. */
export const gossip = defineTask(import.meta.url, "gossip", (news: unknown) => parentPort?.postMessage(news));
export const sum = defineTask(import.meta.url, "sum", (numbers: readonly number[]) => numbers.reduce((a, b) => a + b));
export const fill = defineTask(
  import.meta.url,
  "fill",
  (bytes: Uint8Array<ArrayBuffer>, value: number) => bytes.fill(value),
  { transfer: (bytes) => [bytes.buffer] },
);
export const closure = defineTask(import.meta.url, "closure", () => () => 1);
export const nested = defineTask(import.meta.url, "nested", async (n: number) => ({
  result: await offload(double, [n]),
  in: await offload(where, []),
  thread: threadId,
}));
export const misnamed = defineTask(import.meta.url, "no such export", () => 1);
/** Throws something that is no error. */
export const throwOther = defineTask(import.meta.url, "throwOther", (what: number): number => {
  throw what === 0 ? { code: "SOLD_OUT", left: 0 } : () => 1;
});
export const leak = defineTask(import.meta.url, "leak", (): number => {
  const kept: object[] = [];
  for (;;) kept.push({ n: kept.length });
});
