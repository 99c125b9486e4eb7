// Three sleeps: `node sleeps-main.js <serial|coroutines|promises>` prints the time that they took as JSON.
import { setTimeout as pass } from "node:timers/promises";
import { run, sleep, spawn } from "@plait/coroutine";

const times = [200, 300, 500];

const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  serial: () =>
    run(function* () {
      for (const ms of times) yield* sleep(ms);
    }),
  coroutines: () =>
    run(function* () {
      for (const ms of times) {
        spawn(function* () {
          yield* sleep(ms);
        });
      }
    }),
  promises: () => Promise.all(times.map((ms) => pass(ms))),
};

const sleepAll = ways[process.argv[2] ?? ""];
if (!sleepAll) throw new Error(`how to sleep is one of ${Object.keys(ways).join(", ")}`);
const from = performance.now();
await sleepAll();
console.log(JSON.stringify({ time: performance.now() - from }));
