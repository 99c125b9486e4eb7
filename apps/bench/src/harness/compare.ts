// What changed between two results: every contender that both measured, by the metric that counts.
import { figure, times } from "./numbers.ts";
import { drawTable } from "./print.ts";
import type { Report, ScenarioResult } from "./report.ts";
import { leadingMetric, type Spread, spread } from "./summary.ts";

export interface Change {
  readonly benchmark: string;
  readonly scenario: string;
  readonly contender: string;
  readonly metric: string;
  readonly before: Spread;
  readonly after: Spread;
  /** How often as good as before: above 1 is better. */
  readonly ratio: number;
  /** Whether the two spreads don't touch: less than that may be chance. */
  readonly clear: boolean;
}

/** Compares two results, in the order of the second. */
export function compareReports(before: Report, after: Report): readonly Change[] {
  return after.benchmarks.flatMap((benchmark) =>
    benchmark.scenarios.flatMap((scenario) => {
      const earlier = before.benchmarks
        .find(({ name }) => name === benchmark.name)
        ?.scenarios.find(({ name }) => name === scenario.name);
      return earlier ? compareScenarios(benchmark.name, earlier, scenario) : [];
    }),
  );
}

export function drawChanges(changes: readonly Change[]): string {
  const rows = changes.map((change) => [
    `${change.benchmark} ${change.scenario}: ${change.contender}, ${change.metric}`,
    figure(change.before.median),
    figure(change.after.median),
    times(change.ratio),
    change.clear ? (change.ratio > 1 ? "better" : "worse") : "within the spread",
  ]);
  return drawTable([["", "before", "after", "as good", ""], ...rows]).join("\n");
}

function compareScenarios(benchmark: string, before: ScenarioResult, after: ScenarioResult): readonly Change[] {
  const metric = leadingMetric(after);
  if (!metric) return [];
  return after.contenders.flatMap(({ name, rounds }) => {
    const earlier = before.contenders.find((one) => one.name === name);
    const values = [earlier?.rounds, rounds].map((all) =>
      spread((all ?? []).flatMap((round) => round?.[metric.name] ?? [])),
    );
    const [was, is] = values;
    if (!was || !is || was.median === 0 || is.median === 0) return [];
    const ratio = metric.better === "more" ? is.median / was.median : was.median / is.median;
    const clear = is.low > was.high || is.high < was.low;
    return [
      { benchmark, scenario: after.name, contender: name, metric: metric.name, before: was, after: is, ratio, clear },
    ];
  });
}
