// Draws a scenario as an SVG: a bar for each contender by the metric that counts, with the spread over the rounds.
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { figure } from "../harness/numbers.ts";
import type { ScenarioResult } from "../harness/report.ts";
import { leadingMetric, summarize } from "../harness/summary.ts";

const WIDTH = 760;
const ROW = 26;
const TOP = 62;
const OURS = "#2563eb";
const THEIRS = "#94a3b8";

interface Bar {
  readonly name: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** @returns undefined where there is nothing to compare: fewer than two contenders were measured */
export function drawChart(scenario: ScenarioResult): string | undefined {
  const metric = leadingMetric(scenario);
  if (!metric) return undefined;
  const bars = summarize(scenario).flatMap((summary): Bar[] => {
    const value = summary.value(metric.name);
    return value ? [{ name: summary.contender.name, ...value }] : [];
  });
  if (bars.length < 2) return undefined;
  const longest = Math.max(...bars.map(({ name }) => name.length));
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    document,
    width: WIDTH,
    height: TOP + bars.length * ROW + 44,
    marginTop: TOP,
    marginLeft: 24 + longest * 7,
    marginRight: 80,
    marginBottom: 44,
    style: { fontSize: "12px", background: "white", color: "#0f172a" },
    x: {
      label: `${metric.name}, ${metric.unit}`,
      labelArrow: "none",
      labelAnchor: "center",
      grid: true,
      nice: true,
      ticks: 6,
    },
    y: { label: null, domain: bars.map(({ name }) => name), padding: 0.25 },
    marks: [
      Plot.barX(bars, { x: "median", y: "name", fill: ({ name }: Bar) => (name.startsWith("plait") ? OURS : THEIRS) }),
      Plot.ruleY(bars, { x1: "low", x2: "high", y: "name", stroke: "#0f172a", strokeWidth: 1.5 }),
      Plot.text(bars, { x: "high", y: "name", text: ({ median }: Bar) => figure(median), textAnchor: "start", dx: 6 }),
      Plot.ruleX([0]),
      Plot.text([scenario.what], {
        frameAnchor: "top-left",
        dx: 24 - (24 + longest * 7),
        dy: -TOP + 12,
        fontSize: 14,
        fontWeight: "bold",
      }),
      Plot.text([legend(metric.better)], {
        frameAnchor: "top-left",
        dx: 24 - (24 + longest * 7),
        dy: -TOP + 34,
        fill: "#475569",
      }),
    ],
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${svg.outerHTML}\n`;
}

function legend(better: "more" | "less"): string {
  return `${better === "less" ? "Shorter" : "Longer"} is better. Bars are medians, the line is the range over all rounds.`;
}
