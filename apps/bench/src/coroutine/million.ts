// A million tasks asleep in one process: how long it takes, and how much memory, to start, to cancel and to wake them.
import { run, sleep, spawn } from "@plait/coroutine";

const COUNT = 1_000_000;

function* sleeper(ms: number) {
  yield* sleep(ms);
}

function* spawnAll(ms: number) {
  for (let i = 0; i < COUNT; i++) spawn(sleeper, ms);
}

export async function million(): Promise<void> {
  await run(function* () {
    const before = process.memoryUsage();
    let from = performance.now();
    const sleeping = spawn(spawnAll, 1_000_000);
    yield* sleep(1);
    const started = performance.now() - from;
    globalThis.gc?.();
    const during = process.memoryUsage();
    from = performance.now();
    yield* sleeping.cancel();
    const cancelled = performance.now() - from;
    from = performance.now();
    yield* spawn(spawnAll, 1);
    const woken = performance.now() - from;
    const bytes = during.heapUsed - before.heapUsed + during.arrayBuffers - before.arrayBuffers;
    console.log(`million: ${COUNT} tasks sleep in one process`);
    console.log(`  started in ${started.toFixed(0)} ms, cancelled in ${cancelled.toFixed(0)} ms`);
    console.log(`  started, slept and woken in ${woken.toFixed(0)} ms`);
    console.log(`  ${(bytes / COUNT).toFixed(0)} bytes each, ${(bytes / 2 ** 20).toFixed(0)} MiB in all`);
  });
}
