// Measures: every contender in turn, round after round, each round beginning with another one.
import type { Benchmark, Contender, Measurement, Round, Scenario } from "./benchmark.ts";
import type { BenchmarkResult, ContenderResult, ScenarioResult } from "./report.ts";
import { endServers } from "./server.ts";

export interface RunOptions {
  readonly rounds: number;
  readonly round: Round;
  /** Leaves out what npm does not bring. */
  readonly nodeOnly?: boolean;
  /** A measurement that takes longer has failed, in ms. Default a minute. */
  readonly deadlineMs?: number;
  /** Called before each measurement. */
  readonly onMeasure?: (step: Step) => void;
  /** Called with each scenario's result, as soon as there is one. */
  readonly onScenario?: (result: ScenarioResult, benchmark: Benchmark) => void;
}

/** Where a run is. */
export interface Step {
  readonly benchmark: string;
  readonly scenario: string;
  readonly contender: string;
  readonly round: number;
  readonly rounds: number;
  /** Measurements that are over, and how many there are going to be if nobody fails. */
  readonly done: number;
  readonly total: number;
}

interface Attempt {
  readonly contender: Contender;
  readonly skipped: string | null;
  failed: string | null;
  readonly rounds: (Readonly<Record<string, number>> | null)[];
  readonly notes: Set<string>;
}

/** Runs benchmarks one after the other. Rejects only for a mistake of the harness: a contender's failure is a result. */
export async function runBenchmarks(
  benchmarks: readonly Benchmark[],
  options: RunOptions,
): Promise<readonly BenchmarkResult[]> {
  let done = 0;
  const total = benchmarks
    .flatMap(({ scenarios }) => scenarios)
    .map((scenario) => roundsOf(scenario, options) * scenario.contenders.filter((one) => !skip(one, options)).length)
    .reduce((sum, count) => sum + count, 0);
  const results: BenchmarkResult[] = [];
  for (const benchmark of benchmarks) {
    const scenarios: ScenarioResult[] = [];
    for (const scenario of benchmark.scenarios) {
      const result = await runScenario(scenario, options, (contender, round) => {
        const { name } = benchmark;
        const rounds = roundsOf(scenario, options);
        options.onMeasure?.({
          benchmark: name,
          scenario: scenario.name,
          contender,
          round,
          rounds,
          done: done++,
          total,
        });
      });
      scenarios.push(result);
      options.onScenario?.(result, benchmark);
    }
    results.push({ name: benchmark.name, what: benchmark.what, scenarios });
  }
  return results;
}

async function runScenario(
  scenario: Scenario,
  options: RunOptions,
  onMeasure: (contender: string, round: number) => void,
): Promise<ScenarioResult> {
  const attempts = scenario.contenders.map((contender): Attempt => {
    return { contender, skipped: skip(contender, options) ?? null, failed: null, rounds: [], notes: new Set() };
  });
  for (let round = 0; round < roundsOf(scenario, options); round++) {
    for (let turn = 0; turn < attempts.length; turn++) {
      const attempt = attempts[(turn + round) % attempts.length];
      // One that has failed is not asked again: it would most likely take its deadline once more.
      if (!attempt || attempt.skipped !== null || attempt.failed !== null) continue;
      onMeasure(attempt.contender.name, round);
      try {
        const { values, notes = [] } = await measure(attempt.contender, options);
        attempt.rounds[round] = values;
        for (const note of notes) attempt.notes.add(note);
      } catch (error) {
        attempt.failed = error instanceof Error ? error.message : String(error);
      }
    }
  }
  const { name, what, baseline, metrics, targets = [] } = scenario;
  const rounds = roundsOf(scenario, options);
  return { name, what, baseline, metrics, targets, contenders: attempts.map((attempt) => resultOf(attempt, rounds)) };
}

async function measure(contender: Contender, { round, deadlineMs = 60_000 }: RunOptions): Promise<Measurement> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no result within ${deadlineMs / 1000} s`));
      // What goes on without being waited for would disturb the next one.
      endServers();
    }, deadlineMs);
  });
  try {
    return await Promise.race([contender.measure(round), late]);
  } finally {
    clearTimeout(timer);
  }
}

function resultOf({ contender, skipped, failed, rounds, notes }: Attempt, count: number): ContenderResult {
  return {
    name: contender.name,
    what: contender.what ?? null,
    skipped,
    failed,
    rounds: Array.from({ length: skipped === null ? count : 0 }, (_, round) => rounds[round] ?? null),
    notes: [...notes],
  };
}

function roundsOf(scenario: Scenario, options: RunOptions): number {
  return Math.min(scenario.rounds ?? Number.POSITIVE_INFINITY, options.rounds);
}

function skip({ needs, unable }: Contender, { nodeOnly = false }: RunOptions): string | undefined {
  if (unable !== undefined) return unable;
  if (needs === undefined) return undefined;
  if (nodeOnly) return "a quick run has only what npm brings";
  return needs.version === undefined ? `${needs.name} is not installed` : undefined;
}
