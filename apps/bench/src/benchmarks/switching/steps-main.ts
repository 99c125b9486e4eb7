// Two computations of many short steps: `node steps-main.js <serial|switch|budget|await|offload> <steps of each>` prints
// the time of one step of either as JSON.
import { type Co, Event, run, spawn, yieldNow } from "@plait/coroutine";
import { offload } from "@plait/thread/offload";
import { computation, step } from "./steps.ts";

const [, , mode, count] = process.argv;
const steps = Number(count);

function* switching(): Co<number> {
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    sum = step(sum, i);
    yield* yieldNow();
  }
  return sum;
}

function* staying(ready: Event): Co<number> {
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    sum = step(sum, i);
    yield* ready.wait();
  }
  return sum;
}

async function awaiting(): Promise<number> {
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    sum = step(sum, i);
    await null;
  }
  return sum;
}

const both: Readonly<Record<string, () => PromiseLike<unknown>>> = {
  async serial() {
    computation.here(steps);
    computation.here(steps);
  },
  switch: () =>
    run(function* () {
      const tasks = [spawn(switching), spawn(switching)];
      for (const task of tasks) yield* task;
    }),
  budget: () =>
    run(function* () {
      const ready = new Event();
      ready.set();
      const tasks = [spawn(staying, ready), spawn(staying, ready)];
      for (const task of tasks) yield* task;
    }),
  await: () => Promise.all([awaiting(), awaiting()]),
  offload: () => Promise.all([offload(computation.task, [steps]), offload(computation.task, [steps])]),
};

const work = both[mode ?? ""];
if (!work) throw new Error(`there is no way "${mode}" to compute; there are ${Object.keys(both).join(", ")}`);
// Once before: for code to be compiled and threads to be there, each of the pool's, as any of them may be next.
await work();
if (mode === "offload") {
  await Promise.all(Array.from({ length: offload.stats.threads }, () => offload(computation.task, [steps])));
}
const from = performance.now();
await work();
console.log(JSON.stringify({ "time of a step": ((performance.now() - from) * 1e6) / (2 * steps) }));
process.exit();
