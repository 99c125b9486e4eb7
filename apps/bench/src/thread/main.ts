// What an offload costs and brings: the hop, its payload copied and moved, and computation on all cores against one.
import { availableParallelism } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { offload } from "@plait/thread/offload";
import { compute, computeHere, nothing, size } from "./tasks.ts";

const ROUNDS = Number(process.env.ROUNDS ?? 200);
const WARM_UP = 30;
const SIZES = { "1 KB": 1e3, "10 KB": 1e4, "100 KB": 1e5, "1 MB": 1e6, "10 MB": 1e7 };
/** About 5 ms of computation. */
const WORK = 3_000_000;

/**
 * The time of one call, in µs: the lower quartile of all rounds, since other programs only ever add to it. What a call
 * needs is prepared outside of it.
 */
async function timeOf<T>(prepare: () => T, call: (prepared: T) => PromiseLike<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = -WARM_UP; n < ROUNDS; n++) {
    const prepared = prepare();
    const from = performance.now();
    await call(prepared);
    if (n >= 0) times.push((performance.now() - from) * 1000);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 2] ?? 0;
}

function line(what: string, value: string): void {
  console.log(`${what.padEnd(44)}${value.padStart(12)}`);
}

const micro = (time: number) => `${time.toFixed(0)} µs`;

const empty = () => undefined;
line("offload and back, no payload", micro(await timeOf(empty, () => offload(nothing, []))));
for (const [name, bytes] of Object.entries(SIZES)) {
  const make = () => new Uint8Array(bytes).fill(1);
  const copied = await timeOf(make, (own) => offload(size, [own]));
  const moved = await timeOf(make, (own) => offload(size, [own], { transfer: [own.buffer] }));
  line(`${name} there, copied`, micro(copied));
  line(`${name} there, moved`, micro(moved));
}

const cores = availableParallelism();
const delay = monitorEventLoopDelay({ resolution: 1 });
const calls = 200;
computeHere(WORK);
let from = performance.now();
for (let n = 0; n < calls; n++) computeHere(WORK);
const inline = performance.now() - from;
await Promise.all(Array.from({ length: cores }, () => offload(compute, [WORK])));
delay.enable();
from = performance.now();
await Promise.all(Array.from({ length: calls }, () => offload(compute, [WORK])));
const offloaded = performance.now() - from;
delay.disable();
line("one computation", `${(inline / calls).toFixed(1)} ms`);
line(`${calls} of them, offloaded to ${cores} cores against inline`, `${(inline / offloaded).toFixed(2)} ×`);
line("event-loop delay meanwhile, p99", `${(delay.percentile(99) / 1e6).toFixed(1)} ms`);
