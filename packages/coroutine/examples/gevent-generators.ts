// Three tasks wait 2, 3 and 5 seconds, together: it takes 5 seconds, not 10.
import { run, sleep, spawn } from "@plait/coroutine";

function* worker(seconds: number) {
  console.log(`before ${seconds}`);
  yield* sleep(seconds * 1000);
  console.log(`after ${seconds}`);
}

const from = performance.now();
await run(function* () {
  const tasks = [2, 3, 5].map((seconds) => spawn(worker, seconds));
  for (const task of tasks) yield* task.join();
});
console.log(`ended after ${((performance.now() - from) / 1000).toFixed(1)} s`);
