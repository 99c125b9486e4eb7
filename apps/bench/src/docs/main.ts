// Writes everything in the docs that comes from the kept result; with --check, fails where something is not what it
// would write.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FORMAT, type Report } from "../harness/report.ts";
import { benchmarksPage, chartFile } from "./benchmarks-page.ts";
import { beyondPage } from "./beyond-page.ts";
import { drawChart } from "./chart.ts";
import { Figures } from "./lookup.ts";
import { writeQuotes } from "./quotes.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const result = "apps/bench/results/latest.json";

export function main(args: readonly string[]): void {
  const files = write(JSON.parse(readFileSync(join(root, result), "utf8")) as Report);
  if (args.includes("--check")) check(files);
  else keep(files);
}

/** What each file should be, by its path in the repository. */
export function write(report: Report): Map<string, string> {
  if (report.format !== FORMAT) throw new Error(`${result} has another format than ${FORMAT}; measure anew`);
  const figures = new Figures(report);
  const files = new Map<string, string>();
  const charts = new Set<string>();
  for (const { name, scenarios } of report.benchmarks) {
    for (const scenario of scenarios) {
      const chart = drawChart(scenario);
      if (chart === undefined) continue;
      charts.add(chartFile(name, scenario.name));
      files.set(`docs/${chartFile(name, scenario.name)}`, chart);
    }
  }
  files.set("docs/benchmarks.md", benchmarksPage(report, charts));
  files.set("docs/beyond-this-machine.md", beyondPage(figures));
  for (const page of globSync(["README.md", "docs/{design,guide/*}.md", "packages/*/README.md"], { cwd: root })) {
    const text = readFileSync(join(root, page), "utf8");
    if (text.includes("<!-- bench ")) files.set(page, writeQuotes(text, figures));
  }
  return files;
}

function check(files: ReadonlyMap<string, string>): void {
  const stale = [...files].filter(([file, text]) => readOr(join(root, file)) !== text).map(([file]) => file);
  stale.push(...strayCharts(files));
  for (const file of stale) console.error(`${file} is not what ${result} says; run: npm run bench:docs`);
  if (stale.length > 0) process.exitCode = 1;
}

function keep(files: ReadonlyMap<string, string>): void {
  mkdirSync(join(root, "docs/benchmarks"), { recursive: true });
  for (const file of strayCharts(files)) rmSync(join(root, file));
  for (const [file, text] of files) writeFileSync(join(root, file), text);
}

/** Charts of scenarios that are no more. */
function strayCharts(files: ReadonlyMap<string, string>): string[] {
  return globSync("docs/benchmarks/*.svg", { cwd: root }).filter((file) => !files.has(file));
}

function readOr(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
