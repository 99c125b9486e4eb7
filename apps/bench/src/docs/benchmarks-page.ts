// docs/benchmarks.md: every scenario with its table and its chart.
import { figure, times } from "../harness/numbers.ts";
import type { BenchmarkResult, Report, ScenarioResult } from "../harness/report.ts";
import { leadingMetric, summarize, verdicts } from "../harness/summary.ts";
import { gaps } from "./gaps.ts";
import { targetTable } from "./target-table.ts";

/** Name of the file that a scenario's chart is kept in, beside the page. */
export function chartFile(benchmark: string, scenario: string): string {
  return `benchmarks/${benchmark}-${scenario}.svg`;
}

/** @param charts names of the charts that there are */
export function benchmarksPage(report: Report, charts: ReadonlySet<string>): string {
  const { machine, versions, settings } = report;
  const others = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `# Benchmarks

<!-- Written by \`npm run bench:docs\` from apps/bench/results/latest.json. Measure anew, or change apps/bench/src/docs. -->

Plait beside its peers, measured in one run on one machine. Absolute numbers belong to that machine; what carries over is
how often as good one is as another.

- **Machine**: ${machine.processor}, ${machine.cores} cores, ${figure(machine.memoryMb / 1024)} GB, ${machine.system}; load average ${machine.load} when the run began
- **Versions**: ${others.join(", ")}
- **Code**: commit \`${report.commit}\`, ${report.date.slice(0, 10)}
- **Run**: medians of up to ${settings.rounds} rounds of ${settings.ms / 1000} s, ${Math.round(report.seconds / 60)} minutes in all; ${
    machine.pinned ? "server and load each kept to a core of their own" : "nothing was kept to a core"
  }, where a scenario does not say that they share all

## Targets

How often as good Plait is meant to be, and is. More than 1× is better, whether the metric is a time, a rate or a memory.

${targetTable(report)}

Where a target is missed, its scenario below says what is known about why.

${report.benchmarks.map((benchmark) => section(benchmark, charts)).join("\n")}
## What was not measured

${notMeasured(report)}
- More than ${machine.cores} cores, a network that is slower than the loopback, and machines other than this one.
- Long runs: a round takes seconds. What grows over hours is not seen here.
- TLS, unix sockets, and messages that arrive in pieces.

## Do it yourself

\`\`\`
npm install
npm run bench -- --quick                                      # with only npm: one short round, a minute or two
npm run bench -- --json result.json                           # everything: about ${Math.ceil(report.seconds / 60)} minutes
npm run bench -- --compare apps/bench/results/latest.json result.json
\`\`\`

How the harness measures is in [its README](../apps/bench/README.md). What these numbers say about bigger machines is in
[Beyond this machine](beyond-this-machine.md).
`;
}

function section({ name, what, scenarios }: BenchmarkResult, charts: ReadonlySet<string>): string {
  return `## ${name}\n\n${capital(what)}.\n\n${scenarios.map((scenario) => part(name, scenario, charts)).join("\n")}`;
}

function part(benchmark: string, scenario: ScenarioResult, charts: ReadonlySet<string>): string {
  const file = chartFile(benchmark, scenario.name);
  const chart = charts.has(file) ? `![${scenario.what}](${file})\n\n` : "";
  return `### ${benchmark} ${scenario.name}\n\n${capital(scenario.what)}.\n\n${chart}${table(scenario)}\n${remarks(scenario)}${gap(benchmark, scenario)}`;
}

function table(scenario: ScenarioResult): string {
  const leading = leadingMetric(scenario);
  const several = scenario.contenders.length > 1;
  const head = ["", ...scenario.metrics.map(({ name, unit }) => `${name}, ${unit}`)];
  if (several) head.push(`against ${scenario.baseline}`, "spread");
  const lines = [row(head), row(head.map((_, column) => (column === 0 ? "---" : "--:")))];
  for (const summary of summarize(scenario)) {
    if (!leading || summary.value(leading.name) === undefined) continue;
    const ratio = summary.ratio(leading.name);
    const { name, what } = summary.contender;
    const cells = [what ? `**${name}**: ${what}` : `**${name}**`];
    for (const metric of scenario.metrics) cells.push(figure(summary.value(metric.name)?.median ?? Number.NaN));
    if (several)
      cells.push(ratio ? times(ratio.median) : "–", ratio ? `${times(ratio.low)} to ${times(ratio.high)}` : "–");
    lines.push(row(cells));
  }
  return lines.join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function remarks(scenario: ScenarioResult): string {
  const lines = scenario.contenders.flatMap(({ name, failed, notes }) => [
    ...(failed === null ? [] : [`- ${name} failed: ${failed}`]),
    ...notes.map((note) => `- ${name}: ${note}`),
  ]);
  return lines.length === 0 ? "" : `\n${lines.join("\n")}\n`;
}

function gap(benchmark: string, scenario: ScenarioResult): string {
  const why = gaps[`${benchmark} ${scenario.name}`];
  return why !== undefined && verdicts(scenario).some(({ met }) => !met) ? `\n${why}\n` : "";
}

function notMeasured({ benchmarks }: Report): string {
  const skipped = new Map<string, string[]>();
  for (const benchmark of benchmarks) {
    for (const scenario of benchmark.scenarios) {
      for (const { name, skipped: why } of scenario.contenders) {
        if (why === null) continue;
        const reason = `${name}: ${why}`;
        skipped.set(reason, [...(skipped.get(reason) ?? []), `${benchmark.name} ${scenario.name}`]);
      }
    }
  }
  return [...skipped].map(([reason, where]) => `- ${reason} (${where.join(", ")})`).join("\n");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
