// `npm run bench`: runs the benchmarks by name, all of them without one.
import { readFileSync, writeFileSync } from "node:fs";
import { styleText } from "node:util";
import { benchmarks } from "./benchmarks/all.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { compareReports, drawChanges } from "./harness/compare.ts";
import { describeCommit, describeMachine, describeVersions } from "./harness/machine.ts";
import { drawScenario } from "./harness/print.ts";
import { Progress } from "./harness/progress.ts";
import { FORMAT, type Report } from "./harness/report.ts";
import { runBenchmarks } from "./harness/run-benchmarks.ts";
import { type Options, readOptions, UsageError } from "./options.ts";

const EXIT_USAGE = 64;

/** Does what `args` ask for. Sets the exit code: 1 when a contender failed, 64 when it can't be understood. */
export async function main(args: readonly string[]): Promise<void> {
  // An interrupted run takes its servers with it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  try {
    const options = readOptions(args, benchmarks);
    if (options.ask === "list") list(benchmarks);
    else if (options.ask === "compare") compare(options.files);
    else await measure(options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`bench: ${error.message}`);
    process.exitCode = EXIT_USAGE;
  }
}

function list(all: readonly Benchmark[]): void {
  for (const { name, what, scenarios } of all) {
    console.log(`${styleText("bold", name)}: ${what}`);
    for (const scenario of scenarios) console.log(`  ${scenario.name.padEnd(12)}${scenario.what}`);
  }
}

function compare([before, after]: readonly [string, string]): void {
  console.log(drawChanges(compareReports(read(before), read(after))));
}

async function measure({ benchmarks: chosen, quick, json, run }: Extract<Options, { ask: "run" }>): Promise<void> {
  const began = performance.now();
  const machine = describeMachine();
  const versions = describeVersions(chosen);
  console.log(`${machine.processor}, ${machine.cores} cores, ${machine.system}, load ${machine.load}`);
  console.log(
    `${Object.entries(versions)
      .map((entry) => entry.join(" "))
      .join(", ")}; medians of ${run.rounds} rounds\n`,
  );
  const progress = new Progress();
  let last: Benchmark | undefined;
  const results = await runBenchmarks(chosen, {
    ...run,
    onMeasure: (step) => progress.show(step),
    onScenario: (result, benchmark) => {
      progress.clear();
      if (benchmark !== last) console.log(`${styleText("underline", benchmark.name)}\n`);
      last = benchmark;
      console.log(drawScenario(result));
    },
  });
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(`${seconds} s in all`);
  const report: Report = {
    format: FORMAT,
    date: new Date().toISOString(),
    commit: describeCommit(),
    machine,
    versions,
    settings: { quick, rounds: run.rounds, ms: run.round.ms },
    seconds,
    benchmarks: results,
  };
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 1)}\n`);
  const everyone = results.flatMap(({ scenarios }) => scenarios).flatMap(({ contenders }) => contenders);
  if (everyone.some(({ failed }) => failed !== null)) process.exitCode = 1;
}

function read(file: string): Report {
  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  if (report.format !== FORMAT) throw new UsageError(`${file} is not a result of this version (format ${FORMAT})`);
  return report;
}
