// Computations for a given time: `node cores-main.js <inline|offload|piscina> <ms>` prints how many a second, and how late
// the event loop was meanwhile, as JSON.
import { availableParallelism } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { offload } from "@plait/thread/offload";
import { Piscina } from "piscina";
import { compute, computeHere, WORK } from "../../servers/services/compute-task.ts";

const [, , mode, time] = process.argv;
const ms = Number(time);
const threads = availableParallelism();

const ways: Readonly<Record<string, () => () => Promise<unknown>>> = {
  inline: () => async () => {
    computeHere(WORK);
    // What a server does between two requests: look for the next one.
    await new Promise(setImmediate);
  },
  offload: () => () => Promise.resolve(offload(compute, [WORK])),
  piscina: () => {
    const filename = fileURLToPath(new URL("../../servers/services/compute-task.js", import.meta.url));
    const pool = new Piscina({ filename, name: "computeHere", minThreads: threads, maxThreads: threads });
    return () => pool.run(WORK);
  },
};

const make = ways[mode ?? ""];
if (!make) throw new Error(`where to compute is one of ${Object.keys(ways).join(", ")}`);
const work = make();
const delay = monitorEventLoopDelay({ resolution: 1 });
let done = 0;
// Long enough for the pool to start and for V8 to have compiled what it computes: three threads on two cores come to their
// pace after 2.4 s, two after 1.5.
let until = performance.now() + 3_000;
// As many as run at once, and as many again that wait, so that no core does.
const again = async () => {
  while (performance.now() < until) {
    await work();
    done++;
  }
};
const all = () => Promise.all(Array.from({ length: 2 * threads }, again));
await all();
done = 0;
until = performance.now() + ms;
const from = performance.now();
delay.enable();
await all();
delay.disable();
const seconds = (performance.now() - from) / 1000;
console.log(JSON.stringify({ computed: done / seconds, "loop delay p99": delay.percentile(99) / 1e6 }));
process.exit();
