// What was aimed at, and what was reached.
import { times } from "../harness/numbers.ts";
import type { Report } from "../harness/report.ts";
import { verdicts } from "../harness/summary.ts";

export function targetTable(report: Report): string {
  const lines = [
    "| work | metric | against | target | measured | spread | |",
    "| --- | --- | --- | --: | --: | --- | --- |",
  ];
  for (const benchmark of report.benchmarks) {
    for (const scenario of benchmark.scenarios) {
      for (const { target, ratio, met } of verdicts(scenario)) {
        const own = target.contender === "plait" ? "" : ` (${target.contender})`;
        const measured = `${times(target.atLeast)} | ${times(ratio.median)} | ${times(ratio.low)} to ${times(ratio.high)}`;
        lines.push(
          `| ${benchmark.name} ${scenario.name}${own} | ${target.metric} | ${target.against} | ${measured} | ${met ? "met" : "**missed**"} |`,
        );
      }
    }
  }
  return lines.join("\n");
}
