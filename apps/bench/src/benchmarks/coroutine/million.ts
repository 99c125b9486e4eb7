// Many tasks asleep in one process: how long it takes, and how much memory, to start, to cancel and to wake them.
// `node --expose-gc million.js <count>` prints one line of JSON.
import { run, sleep, spawn } from "@plait/coroutine";

const count = Number(process.argv[2]);

function* sleeper(ms: number) {
  yield* sleep(ms);
}

function* spawnAll(ms: number) {
  for (let i = 0; i < count; i++) spawn(sleeper, ms);
}

await run(function* () {
  const before = process.memoryUsage();
  let from = performance.now();
  const sleeping = spawn(spawnAll, 1_000_000);
  yield* sleep(1);
  const start = performance.now() - from;
  globalThis.gc?.();
  const during = process.memoryUsage();
  from = performance.now();
  yield* sleeping.cancel();
  const cancel = performance.now() - from;
  from = performance.now();
  yield* spawn(spawnAll, 1);
  const wake = performance.now() - from;
  const bytes = during.heapUsed - before.heapUsed + during.arrayBuffers - before.arrayBuffers;
  console.log(JSON.stringify({ memory: bytes / count, start, cancel, "start, sleep and wake": wake }));
});
