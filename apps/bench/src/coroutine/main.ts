// Runs every scenario with every rival, in turn and several times, and prints the best of each beside Plait's.
// `node apps/bench/dist/coroutine/main.js [scenario…]`; ROUNDS=5 for more rounds.
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { million } from "./million.ts";
import { findRivals, type Rival } from "./rivals.ts";
import { type Measurement, type Scenario, scenarios } from "./scenario.ts";

const rounds = Number(process.env.ROUNDS ?? 3);
const wanted = process.argv.slice(2);
const rivals = findRivals();

console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, Node ${process.version}`);
console.log(`${rivals.map(({ name, version }) => `${name} ${version}`).join(", ")}; best of ${rounds} processes\n`);

for (const scenario of scenarios) {
  if (wanted.length > 0 && !wanted.includes(scenario.name)) continue;
  console.log(`${scenario.name}: ${scenario.what}`);
  report(scenario, measureAll(scenario));
}
if (wanted.length === 0 || wanted.includes("million")) await million();

/** Takes the rivals in turn, so that a disturbance of the machine meets all of them. */
function measureAll(scenario: Scenario): Map<string, number> {
  const best = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    for (const rival of rivals) {
      const value = measureOne(rival, scenario);
      if (value !== undefined) best.set(rival.name, Math.min(value, best.get(rival.name) ?? value));
    }
  }
  return best;
}

function measureOne(rival: Rival, scenario: Scenario): number | undefined {
  const [program, ...args] = rival.command;
  // A hundred at a time is the coarsest step of any scenario.
  const count = Math.max(100, Math.round((scenario.count * rival.share) / 100) * 100);
  const { stdout, status, stderr } = spawnSync(program, [...args, scenario.name, String(count)], {
    encoding: "utf8",
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`${rival.name} failed at ${scenario.name}: ${stderr}`);
  return stdout.trim() === "" ? undefined : (JSON.parse(stdout) as Measurement).value;
}

function report(scenario: Scenario, best: Map<string, number>): void {
  const own = best.get("plait") ?? Number.NaN;
  for (const [name, value] of best) {
    const ratio = value / own;
    const target = scenario.target[name];
    const verdict = target === undefined ? "" : ` (target ${target}×: ${ratio >= target ? "met" : "missed"})`;
    const beside = name === "plait" ? "" : `  plait is ${ratio.toFixed(2)}×${verdict}`;
    console.log(`  ${name.padEnd(10)}${value.toFixed(0).padStart(8)} ${scenario.unit}${beside}`);
  }
  console.log("");
}
