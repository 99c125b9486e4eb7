import { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { blockedStack } from "../src/inspect/blocked-stack.ts";

const workers: Worker[] = [];
/** What each worker shares with its test. */
const cells = new WeakMap<Worker, Int32Array<SharedArrayBuffer>>();
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
});

/** A worker that runs the code, and has reached its call of `begin`. */
async function running(code: string): Promise<Worker> {
  const begun = new Int32Array(new SharedArrayBuffer(4));
  const begin = `const begun = require("node:worker_threads").workerData;
    const begin = () => { Atomics.store(begun, 0, 1); Atomics.notify(begun, 0); };`;
  const worker = new Worker(`${begin} ${code}`, { eval: true, workerData: begun });
  workers.push(worker);
  cells.set(worker, begun);
  while (Atomics.load(begun, 0) === 0) await Atomics.waitAsync(begun, 0, 0).value;
  return worker;
}

test("names the functions of a loop, innermost first, and the thread goes on", async () => {
  const loop = `function outer() { inner(); }
    function inner() { begin(); for (;;); }
    outer();`;
  const { threadId } = await running(loop);
  for (let round = 0; round < 2; round++) {
    const names = (await blockedStack(threadId, 5000))?.frames.map((frame) => frame.split(" ")[0]);
    expect(names).toEqual(expect.arrayContaining(["inner", "outer"]));
  }
});

test("of several threads the right one is read", async () => {
  const [first, second] = [
    await running("(function first() { for (;;) begin(); })()"),
    await running("(function second() { for (;;) begin(); })()"),
  ];
  const stacks = await Promise.all([second, first].map(({ threadId }) => blockedStack(threadId, 5000)));
  expect(stacks[0]?.frames.join()).toContain("second (");
  expect(stacks[1]?.frames.join()).toContain("first (");
});

test("a thread that is gone gives no stack", async () => {
  expect(await blockedStack(987_654, 50)).toBeUndefined();
});

test("a thread that could not be stopped in time goes on, whatever it was doing", async () => {
  const loop = `const { workerData: cell } = require("node:worker_threads");
    setInterval(() => Atomics.wait(cell, 0, 1, 30), 5);
    begin();
    setInterval(() => { Atomics.store(cell, 0, 2); Atomics.notify(cell, 0); }, 1);`;
  const worker = await running(loop);
  const cell = cells.get(worker) as Int32Array<SharedArrayBuffer>;
  for (const within of [0, 0, 1, 2, 5, 10, 20, 40]) {
    await blockedStack(worker.threadId, within);
    Atomics.store(cell, 0, 1);
    while (Atomics.load(cell, 0) !== 2) await Atomics.waitAsync(cell, 0, 1).value;
  }
});

test("a thread that stops just when nobody waits for it any more costs nothing, again and again", async () => {
  const busyAndIdle = `begin();
    const cell = new Int32Array(new SharedArrayBuffer(4));
    setInterval(() => Atomics.wait(cell, 0, 0, 3), 2);
    setInterval(() => { for (let n = 0; n < 1e5; n++); }, 1);`;
  const { threadId } = await running(busyAndIdle);
  for (let round = 0; round < 150; round++) await blockedStack(threadId, round % 12);
});
