// The way to the compute pool and back: `node hop-main.js <bytes> <copied|moved> <rounds>` prints the time of one call as
// JSON: the lower quartile, since other programs only ever add to it.
import { offload } from "@plait/thread/offload";
import { size } from "./tasks.ts";

const [, , bytes, how, count] = process.argv;
const rounds = Number(count);
const WARM_UP = 30;

const times: number[] = [];
for (let n = -WARM_UP; n < rounds; n++) {
  const payload = new Uint8Array(Number(bytes)).fill(1);
  const options = how === "moved" ? { transfer: [payload.buffer] } : {};
  const from = performance.now();
  await offload(size, [payload], options);
  if (n >= 0) times.push((performance.now() - from) * 1000);
}
times.sort((a, b) => a - b);
console.log(JSON.stringify({ time: times[times.length >> 2] }));
process.exit();
