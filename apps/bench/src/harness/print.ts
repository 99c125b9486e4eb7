// A scenario's result as a table for the terminal.
import { styleText } from "node:util";
import { figure, times } from "./numbers.ts";
import type { ScenarioResult } from "./report.ts";
import { leadingMetric, summarize, verdicts } from "./summary.ts";

/** One line for each contender: every metric, and how often as good as the baseline by the first of them. */
export function drawScenario(scenario: ScenarioResult): string {
  const leading = leadingMetric(scenario);
  const head = [
    "",
    ...scenario.metrics.map(({ name, unit }) => `${name}, ${unit}`),
    `× ${scenario.baseline}`,
    "spread",
  ];
  const rows: string[][] = [];
  const remarks: string[] = [];
  for (const summary of summarize(scenario)) {
    const { name, skipped, failed, notes } = summary.contender;
    if (skipped !== null) remarks.push(`${name}: skipped, ${skipped}`);
    if (failed !== null) remarks.push(`${name}: FAILED, ${failed}`);
    for (const note of notes) remarks.push(`${name}: ${note}`);
    if (!leading || summary.value(leading.name) === undefined) continue;
    const ratio = summary.ratio(leading.name);
    rows.push([
      name,
      ...scenario.metrics.map((metric) => figure(summary.value(metric.name)?.median ?? Number.NaN)),
      ratio ? times(ratio.median) : "–",
      ratio ? `${figure(ratio.low)}–${figure(ratio.high)}` : "–",
    ]);
  }
  for (const { target, ratio, met } of verdicts(scenario)) {
    const reached = `${target.contender} against ${target.against}, ${target.metric}: ${times(ratio.median)}`;
    remarks.push(`${met ? "met" : "MISSED"}: ${reached}, meant to be at least ${times(target.atLeast)}`);
  }
  const title = `${styleText("bold", scenario.name)}: ${scenario.what}`;
  return [title, ...drawTable([head, ...rows]), ...remarks.map((remark) => `  ${remark}`), ""].join("\n");
}

/** First column to the left, the others to the right. */
export function drawTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `  ${cells.join("  ")}`;
  });
}
