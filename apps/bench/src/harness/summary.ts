// What the rounds of a scenario say: medians, and how often as good as the baseline each contender is.
import type { ContenderResult, ScenarioResult } from "./report.ts";

/** The middle of several values, with the smallest and the largest. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface ContenderSummary {
  readonly contender: ContenderResult;
  /** Undefined where there is no value. */
  value(metric: string): Spread | undefined;
  /**
   * How often as good as the baseline, or as another contender: above 1 is better, whether more or less of the metric is.
   * Each round is compared in itself, so what disturbed both of its halves cancels out.
   */
  ratio(metric: string, against?: string): Spread | undefined;
}

/** The metric that counts: the first one that anybody has a value of. */
export function leadingMetric({ metrics, contenders }: ScenarioResult): ScenarioResult["metrics"][number] | undefined {
  return metrics.find(({ name }) =>
    contenders.some(({ rounds }) => rounds.some((round) => round?.[name] !== undefined)),
  );
}

export interface TargetVerdict {
  readonly target: ScenarioResult["targets"][number];
  readonly ratio: Spread;
  readonly met: boolean;
}

/** @returns undefined for no values */
export function spread(values: readonly number[]): Spread | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[0], sorted.at(-1)];
  const middle = sorted.length / 2;
  const [below, above] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined || below === undefined || above === undefined) return undefined;
  return { median: (below + above) / 2, low, high };
}

export function summarize(scenario: ScenarioResult): readonly ContenderSummary[] {
  return scenario.contenders.map((contender) => ({
    contender,
    value: (metric) => spread(contender.rounds.flatMap((round) => round?.[metric] ?? [])),
    ratio: (metric, against = scenario.baseline) => ratio(scenario, contender, metric, against),
  }));
}

/** How the targets of a scenario were met; one whose contenders were not measured is left out. */
export function verdicts(scenario: ScenarioResult): readonly TargetVerdict[] {
  return scenario.targets.flatMap((target) => {
    const own = scenario.contenders.find(({ name }) => name === target.contender);
    const found = own && ratio(scenario, own, target.metric, target.against);
    return found ? [{ target, ratio: found, met: found.median >= target.atLeast }] : [];
  });
}

function ratio(
  scenario: ScenarioResult,
  contender: ContenderResult,
  metric: string,
  against: string,
): Spread | undefined {
  const other = scenario.contenders.find(({ name }) => name === against);
  const more = scenario.metrics.find(({ name }) => name === metric)?.better === "more";
  return spread(
    contender.rounds.flatMap((round, number) => {
      const [own, theirs] = [round?.[metric], other?.rounds[number]?.[metric]];
      if (own === undefined || theirs === undefined || own === 0 || theirs === 0) return [];
      return more ? own / theirs : theirs / own;
    }),
  );
}
