// Finds values in a result by name; a name that is not there is a mistake in a page.
import type { Report, ScenarioResult } from "../harness/report.ts";
import { type Spread, summarize } from "../harness/summary.ts";

export class NoSuchFigureError extends Error {
  readonly code = "ERR_PLAIT_NO_FIGURE";
  constructor(what: string) {
    super(`the result has no ${what}; correct the page, or measure it and keep the result`);
  }
}

export class Figures {
  readonly report: Report;

  constructor(report: Report) {
    this.report = report;
  }

  scenario(benchmark: string, name: string): ScenarioResult {
    const scenarios = this.report.benchmarks.find((one) => one.name === benchmark)?.scenarios;
    const found = scenarios?.find((one) => one.name === name);
    if (!found) throw new NoSuchFigureError(`scenario ${benchmark} ${name}`);
    return found;
  }

  /** @param metric default: the scenario's first */
  value(benchmark: string, name: string, contender: string, metric?: string): Spread & { readonly unit: string } {
    const scenario = this.scenario(benchmark, name);
    const meant = metric === undefined ? scenario.metrics[0] : scenario.metrics.find((one) => one.name === metric);
    const found = meant && find(scenario, contender)?.value(meant.name);
    if (!found) throw new NoSuchFigureError(`${metric ?? "value"} of ${contender} in ${benchmark} ${name}`);
    return { ...found, unit: meant.unit };
  }

  /** How often as good a contender is as another. */
  ratio(benchmark: string, name: string, contender: string, against: string, metric?: string): Spread {
    const scenario = this.scenario(benchmark, name);
    const found = find(scenario, contender)?.ratio(metric ?? scenario.metrics[0]?.name ?? "", against);
    if (!found) throw new NoSuchFigureError(`${contender} against ${against} in ${benchmark} ${name}`);
    return found;
  }
}

function find(scenario: ScenarioResult, contender: string) {
  return summarize(scenario).find((one) => one.contender.name === contender);
}
