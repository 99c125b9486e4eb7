// Plait's connections against raw node:net, taken in turn several times: `node apps/bench/dist/net/main.js [scenario…]`.
// ROUNDS=5 for more rounds, SECONDS=2 for longer ones. Prints medians.
import { cpus } from "node:os";
import { idleBytes, throughput } from "./load.ts";
import { scenarios } from "./scenario.ts";

const rounds = Number(process.env.ROUNDS ?? 3);
const ms = Number(process.env.SECONDS ?? 2) * 1000;
const wanted = process.argv.slice(2);
const chosen = (name: string) => wanted.length === 0 || wanted.includes(name);

console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, Node ${process.version}`);
console.log(`median of ${rounds} rounds of ${ms} ms, server on one core\n`);

for (const scenario of scenarios) {
  if (!chosen(scenario.name)) continue;
  const results = { raw: [] as number[], plait: [] as number[], rawCpu: [] as number[], plaitCpu: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const raw = await throughput("raw", scenario, ms);
    const plait = await throughput("plait", scenario, ms);
    results.raw.push(raw.perSecond);
    results.plait.push(plait.perSecond);
    results.rawCpu.push(raw.perCpuSecond);
    results.plaitCpu.push(plait.perCpuSecond);
  }
  console.log(`${scenario.name}: ${scenario.what} (target ${scenario.target}×)`);
  report("a second", median(results.plait), median(results.raw));
  report("a second of processor time", median(results.plaitCpu), median(results.rawCpu));
}

if (chosen("idle")) {
  const connections = 10_000;
  const raw = await idleBytes("raw", connections);
  const plait = await idleBytes("plait", connections);
  console.log(`idle: bytes of one of ${connections} idle connections, coroutine included (target at most 1.5×)`);
  report("resident", plait.rss, raw.rss);
  report("heap", plait.heap, raw.heap);
}

function report(unit: string, plait: number, raw: number): void {
  const ratio = (plait / raw).toFixed(2);
  console.log(
    `  ${unit.padEnd(28)} plait ${plait.toFixed(0).padStart(9)}  raw ${raw.toFixed(0).padStart(9)}  ${ratio}×`,
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
