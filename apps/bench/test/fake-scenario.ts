// Scenarios whose contenders measure nothing: their values are given.
import type { Contender, Scenario } from "../src/harness/benchmark.ts";
import type { Report, ScenarioResult } from "../src/harness/report.ts";
import type { RunOptions } from "../src/harness/run-benchmarks.ts";

export const options: RunOptions = { rounds: 3, round: { ms: 1, warmUpMs: 1, share: 1 } };

export function scenarioOf(contenders: readonly Contender[], rest: Partial<Scenario> = {}): Scenario {
  const metrics = [{ name: "time", unit: "ms", better: "less" } as const];
  return { name: "fake", what: "nothing", metrics, baseline: contenders[0]?.name ?? "", contenders, ...rest };
}

export function taking(name: string, time: number | (() => number)): Contender {
  return { name, measure: async () => ({ values: { time: typeof time === "number" ? time : time() } }) };
}

/** A result with one metric, by contender. */
export function resultOf(better: "more" | "less", values: Readonly<Record<string, readonly number[]>>): ScenarioResult {
  const contenders = Object.entries(values).map(([name, rounds]) => {
    return { name, what: null, skipped: null, failed: null, notes: [], rounds: rounds.map((value) => ({ value })) };
  });
  return {
    name: "fake",
    what: "nothing",
    baseline: Object.keys(values)[0] ?? "",
    metrics: [{ name: "value", unit: "ms", better }],
    targets: [],
    contenders,
  };
}

/** A whole result with one scenario. */
export function reportOf(scenario: ScenarioResult): Report {
  return {
    format: 1,
    date: "2026-01-01T00:00:00.000Z",
    commit: "0000000",
    machine: { processor: "", cores: 2, memoryMb: 0, system: "", pinned: true, load: 0 },
    versions: {},
    settings: { quick: false, rounds: 3, ms: 1000 },
    seconds: 1,
    benchmarks: [{ name: "fakes", what: "nothing", scenarios: [scenario] }],
  };
}
