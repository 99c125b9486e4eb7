import { once } from "node:events";
import { createRequire } from "node:module";
import { getPriority } from "node:os";
import { MessageChannel, type Worker } from "node:worker_threads";
import { type Op, run, spawn } from "@plait/coroutine";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ComputePool } from "../../src/offload/compute-pool.ts";
import { setCompute } from "../../src/offload/home.ts";
import { offload } from "../../src/offload/offload.ts";
import { defineTask } from "../../src/offload/task.ts";
import * as tasks from "./tasks.ts";

const pool = new ComputePool({ threads: 2, queue: 4 });
beforeAll(() => setCompute(pool));
afterAll(() => pool.destroy());

const cell = (length = 1) => new Int32Array(new SharedArrayBuffer(4 * length));
/** Resolves when the cell has become at least so much. */
async function reaches(cells: Int32Array<SharedArrayBuffer>, wanted: number): Promise<void> {
  for (let seen = Atomics.load(cells, 0); seen < wanted; seen = Atomics.load(cells, 0)) {
    await Atomics.waitAsync(cells, 0, seen).value;
  }
}
/** Resolves when no call runs: a cancelled one is gone a turn later. */
async function idle(): Promise<void> {
  while (offload.stats.running > 0) await new Promise(setImmediate);
}
/** Starts an operation now: awaited later, it would start later. */
const begun = <T>(op: Op<T>): Promise<T> => new Promise((resolve, reject) => op.then(resolve, reject));
/** Opens a gate and lets whoever waits at it go on. */
function open(gate: Int32Array<SharedArrayBuffer>): void {
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
}

test("a task runs on another thread, under yield* and under await", async () => {
  expect(await offload(tasks.double, [21])).toBe(42);
  const [result, thread] = await run(function* () {
    return [yield* offload(tasks.double, [4]), yield* offload(tasks.where, [])] as const;
  });
  expect(result).toBe(8);
  expect(thread).toBeGreaterThan(0);
});

test("a task's error keeps its class name, code, cause and stack", async () => {
  const error = await offload(tasks.fail, ["sold out"]).then(undefined, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "StockError", code: "ERR_STOCK", message: "sold out" });
  expect((error as Error).cause).toMatchObject({ name: "RangeError", message: "none left" });
  expect((error as Error).cause).toBeInstanceOf(RangeError);
  expect((error as Error).stack).toContain("tasks.ts");
});

test("something else than an error that a task throws arrives as it is, or in words", async () => {
  const thrown = (what: number) => offload(tasks.throwOther, [what]).then(undefined, (error: unknown) => error);
  expect(await thrown(0)).toEqual({ code: "SOLD_OUT", left: 0 });
  expect(await thrown(1)).toBe("() => 1");
});

test("a call that needs more heap than its thread may use ends that thread alone", async () => {
  const small = new ComputePool({ threads: 1, queue: 4, heap: 32 * 2 ** 20 });
  setCompute(small);
  try {
    await expect(offload(tasks.leak, [])).rejects.toMatchObject({
      code: "ERR_PLAIT_OFFLOAD_LOST",
      message: expect.stringContaining("memory limit"),
    });
    expect(await offload(tasks.double, [2])).toBe(4);
  } finally {
    setCompute(pool);
    await small.destroy();
  }
});

test.runIf(process.platform === "linux")(
  "compute threads stand back for others, by as much as they are told",
  async () => {
    const own = getPriority();
    expect(await offload(tasks.niceness, [])).toBe(own + 10);
    const bold = new ComputePool({ threads: 1, nice: 0 });
    setCompute(bold);
    try {
      expect(await offload(tasks.niceness, [])).toBe(own);
    } finally {
      setCompute(pool);
      await bold.destroy();
    }
    expect(getPriority()).toBe(own);
  },
);

test("a thread's event loop turns also between two calls, so that what they have used is let go of", async () => {
  const written = cell();
  await offload(tasks.afterwards, [written]);
  await reaches(written, 1);
});

test("a buffer is moved there and back when it is named", async () => {
  const bytes = new Uint8Array(1024);
  const filled = await offload(tasks.fill, [bytes, 7], { transfer: [bytes.buffer] });
  expect(bytes.byteLength).toBe(0);
  expect(filled.every((byte) => byte === 7)).toBe(true);
});

test("arguments cross as they were when the call was made, however long it waits", async () => {
  const [gate, marks] = [cell(), cell(20)];
  const busy = [1, 2].map((mark) => begun(offload(tasks.gated, [gate, mark, marks])));
  const numbers = [1, 2];
  const twice: [number] = [4];
  const waiting = [begun(offload(tasks.sum, [numbers])), begun(offload(tasks.double, twice))];
  numbers.push(3);
  twice[0] = 5;
  open(gate);
  expect(await Promise.all([...busy, ...waiting])).toEqual([1, 2, 3, 8]);
});

test("an answer is not lost with the thread that has given it", async () => {
  const own = new ComputePool({ threads: 1 });
  setCompute(own);
  try {
    expect(await offload(tasks.lastWords, ["farewell"])).toBe("farewell");
  } finally {
    setCompute(pool);
    await own.destroy();
  }
});

test("a thread's first answer may be there before its port", async () => {
  const own = new ComputePool({ threads: 2 });
  setCompute(own);
  const written = [cell(), cell()] as const;
  // With the first thread both calls are handed over. Look up again only when both have been answered.
  const watch = (worker: Worker) =>
    worker.on("message", (message) => {
      if (!("answers" in message)) for (const one of written) Atomics.wait(one, 0, 0, 10_000);
    });
  process.on("worker", watch);
  try {
    expect(await Promise.all(written.map((one) => offload(tasks.afterwards, [one])))).toEqual([undefined, undefined]);
  } finally {
    process.off("worker", watch);
    setCompute(pool);
    await own.destroy();
  }
});

test("what a task posts past its result is no answer", async () => {
  for (const news of [null, 1, { answers: 1 }, { thread: 1 }]) await offload(tasks.gossip, [news]);
  expect(await offload(tasks.double, [4])).toBe(8);
});

test("what can't be cloned is an error that names the task, for arguments and for results", async () => {
  const odd = (() => 1) as unknown as number;
  await expect(offload(tasks.double, [odd])).rejects.toMatchObject({ code: "ERR_PLAIT_OFFLOAD_CLONE" });
  await expect(offload(tasks.closure, [])).rejects.toMatchObject({
    code: "ERR_PLAIT_OFFLOAD_CLONE",
    message: "the result of closure can't cross to another thread; pass plain data: () => 1 could not be cloned.",
  });
});

test("a task that its module does not export by its name is an error that says so", async () => {
  await expect(offload(tasks.misnamed, [])).rejects.toMatchObject({ code: "ERR_PLAIT_OFFLOAD_UNKNOWN_TASK" });
});

test("what is no task, or in a module that can't be loaded, is an error that says so", async () => {
  for (const task of [undefined, {}, (n: number) => n] as never[]) {
    await expect(offload(task, [1])).rejects.toMatchObject({ code: "ERR_PLAIT_OFFLOAD_NOT_A_TASK" });
  }
  const nowhere = defineTask(new URL("nowhere.ts", import.meta.url).href, "lost", () => 1);
  await expect(offload(nowhere, [])).rejects.toMatchObject({
    code: "ERR_PLAIT_OFFLOAD_TASK_LOAD",
    message: expect.stringMatching(/"lost".*nowhere\.ts/),
    cause: { code: "ERR_MODULE_NOT_FOUND" },
  });
});

test("a task is defined with the URL of its module, its name and its function", () => {
  const define = defineTask as (...parts: unknown[]) => unknown;
  for (const [module, name, run] of [
    ["./tasks.ts", "double", () => 1],
    [import.meta.url, undefined, () => 1],
    [import.meta.url, "double", undefined],
  ]) {
    expect(() => define(module, name, run)).toThrow(expect.objectContaining({ code: "ERR_PLAIT_INVALID_ARGUMENT" }));
  }
});

test("a timeout ends the call and frees its core", async () => {
  const started = cell();
  await expect(offload(tasks.spin, [started], { timeout: 300 })).rejects.toMatchObject({
    code: "ERR_PLAIT_OFFLOAD_TIMEOUT",
  });
  expect(await offload(tasks.double, [1])).toBe(2);
});

test("an endless timeout is none, and what is no time or no priority is refused", async () => {
  for (const timeout of [Number.POSITIVE_INFINITY, 2 ** 31]) {
    expect(await offload(tasks.later, [20, "there"], { timeout })).toBe("there");
  }
  const refused = { code: "ERR_PLAIT_INVALID_ARGUMENT" };
  for (const timeout of [Number.NaN, -1, "5", null] as number[]) {
    await expect(offload(tasks.double, [1], { timeout })).rejects.toMatchObject(refused);
  }
  for (const priority of [Number.NaN, "high"] as number[]) {
    await expect(offload(tasks.double, [1], { priority })).rejects.toMatchObject(refused);
  }
});

test("arguments that are no list are an error", async () => {
  for (const args of [undefined, 5, "ab"] as never[]) {
    await expect(offload(tasks.where, args)).rejects.toMatchObject({ code: "ERR_PLAIT_INVALID_ARGUMENT" });
  }
});

test("a signal ends the call with its reason", async () => {
  const started = cell();
  const abort = new AbortController();
  const call = begun(offload(tasks.spin, [started], { signal: abort.signal }));
  call.catch(() => {});
  await reaches(started, 1);
  abort.abort(new Error("not needed any more"));
  await expect(call).rejects.toThrow("not needed any more");
  await expect(offload(tasks.double, [1], { signal: abort.signal })).rejects.toThrow("not needed any more");
});

test("what was moved into a call is let go of when the call ends before it has a thread", async () => {
  const cold = new ComputePool({ threads: 1 });
  setCompute(cold);
  try {
    const { port1, port2 } = new MessageChannel();
    const gone = once(port1, "close");
    const abort = new AbortController();
    const call = begun(offload(tasks.gossip, [port2], { transfer: [port2], signal: abort.signal }));
    abort.abort(new Error("too late"));
    await expect(call).rejects.toThrow("too late");
    await gone;
  } finally {
    setCompute(pool);
    await cold.destroy();
  }
});

test("a call for which no thread can be made is lost, and takes nobody's place", async () => {
  const own = new ComputePool({ threads: 1 });
  setCompute(own);
  const threads = createRequire(import.meta.url)("node:worker_threads") as { Worker: new () => object };
  const making = vi.spyOn(threads, "Worker").mockImplementation(function none() {
    throw new Error("EAGAIN");
  });
  try {
    await expect(offload(tasks.double, [1])).rejects.toMatchObject({
      code: "ERR_PLAIT_OFFLOAD_LOST",
      message: "double will not answer: no thread could be made for it: EAGAIN",
    });
    making.mockRestore();
    expect(await offload(tasks.double, [2])).toBe(4);
  } finally {
    making.mockRestore();
    setCompute(pool);
    await own.destroy();
  }
});

test("a call whose thread fails before it has begun says why", async () => {
  const own = new ComputePool({ threads: 1 });
  setCompute(own);
  const threads = createRequire(import.meta.url)("node:worker_threads") as { Worker: typeof Worker };
  const { Worker: Thread } = threads;
  const making = vi.spyOn(threads, "Worker").mockImplementation(function broken() {
    return new Thread("throw new Error('no memory left')", { eval: true });
  });
  try {
    await expect(offload(tasks.double, [1])).rejects.toMatchObject({
      code: "ERR_PLAIT_OFFLOAD_LOST",
      message: "double will not answer: its thread ended: no memory left",
    });
  } finally {
    making.mockRestore();
    setCompute(pool);
    await own.destroy();
  }
});

test("a pool that was closed runs nothing any more, and says so", async () => {
  const short = new ComputePool({ threads: 1 });
  setCompute(short);
  try {
    expect(await offload(tasks.double, [1])).toBe(2);
    const ended = short.destroy();
    const refused = {
      code: "ERR_PLAIT_OFFLOAD_LOST",
      message: "double will not answer: the compute pool was closed",
    };
    await expect(offload(tasks.double, [1])).rejects.toMatchObject(refused);
    await ended;
    await expect(offload(tasks.double, [1])).rejects.toMatchObject(refused);
  } finally {
    setCompute(pool);
  }
});

test("cancelling the coroutines that wait frees both cores", async () => {
  const started = cell();
  await run(function* () {
    const waiting = [1, 2].map(() => spawn(() => offload(tasks.spin, [started])));
    yield* spawn(() => reaches(started, 2));
    for (const task of waiting) yield* task.cancel();
    expect(yield* offload(tasks.double, [3])).toBe(6);
  });
  await idle();
  expect(offload.stats.waiting).toBe(0);
});

test("a full queue refuses with an error that says how full; pressure tells before", async () => {
  await idle();
  const [gate, marks] = [cell(), cell(20)];
  const calls = [1, 2, 3, 4].map((mark) => begun(offload(tasks.gated, [gate, mark, marks])));
  expect(offload.pressure).toBe(0.5);
  calls.push(...[5, 6].map((mark) => begun(offload(tasks.gated, [gate, mark, marks]))));
  expect(offload.pressure).toBe(1);
  await expect(offload(tasks.double, [1])).rejects.toMatchObject({
    code: "ERR_PLAIT_OFFLOAD_QUEUE_FULL",
    message: expect.stringContaining("2 compute threads are busy and 4 calls wait"),
  });
  open(gate);
  expect(await Promise.all(calls)).toEqual([1, 2, 3, 4, 5, 6]);
  await idle();
  expect(offload.pressure).toBe(0);
});

test("of the calls that wait, the highest priority runs first, and a cancelled one does not run", async () => {
  const [one, other, marks] = [cell(), cell(), cell(20)];
  const gate = cell();
  open(gate);
  const abort = new AbortController();
  const first = begun(offload(tasks.gated, [one, 1, marks]));
  const second = begun(offload(tasks.gated, [other, 2, marks]));
  await reaches(marks, 2);
  const low = begun(offload(tasks.gated, [gate, 3, marks], { priority: -1 }));
  const cancelled = offload(tasks.gated, [gate, 4, marks], { signal: abort.signal }).then(undefined, () => "cancelled");
  const high = begun(offload(tasks.gated, [gate, 5, marks], { priority: 5 }));
  abort.abort();
  // Only one thread gets free, so what waits runs one after the other.
  open(one);
  expect(await Promise.all([first, low, cancelled, high])).toEqual([1, 3, "cancelled", 5]);
  open(other);
  expect(await second).toBe(2);
  expect([...marks.subarray(3, 1 + (marks[0] ?? 0))]).toEqual([5, 3]);
});

test.each([
  ["process.exit", tasks.exit, [3] as const, "its thread ended: worker exited with code: 3"],
  ["an uncaught error", tasks.throwLater, [] as const, "its thread ended: boom"],
])("%s on a compute thread rejects its call and no other", async (_, task, args, text) => {
  const other = begun(offload(tasks.later, [500, "untouched"]));
  await expect(offload(task as typeof tasks.exit, args as unknown as [number])).rejects.toMatchObject({
    code: "ERR_PLAIT_OFFLOAD_LOST",
    message: expect.stringContaining(text),
  });
  expect(await other).toBe("untouched");
  expect(await offload(tasks.double, [2])).toBe(4);
});

test("a task that offloads runs it in place", async () => {
  const { result, thread, in: inner } = await offload(tasks.nested, [8]);
  expect(result).toBe(16);
  expect(inner).toBe(thread);
});
