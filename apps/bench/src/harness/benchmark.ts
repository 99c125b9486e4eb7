// The words of the harness: a benchmark has scenarios, a scenario has contenders, a contender is measured in rounds.
import type { Peer } from "./peer.ts";

/** Benchmarks are what one can ask for by name. */
export interface Benchmark {
  readonly name: string;
  readonly what: string;
  readonly scenarios: readonly Scenario[];
}

/** One kind of work that every contender does in its own way. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  /** What is measured; the first is the one that counts. */
  readonly metrics: readonly Metric[];
  /** Name of the contender that the others are set against. */
  readonly baseline: string;
  readonly contenders: readonly Contender[];
  readonly targets?: readonly Target[];
  /** Rounds, where fewer than usual make sense: memory hardly varies. */
  readonly rounds?: number;
}

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly better: "more" | "less";
}

/** What one contender is meant to reach against another. */
export interface Target {
  readonly contender: string;
  readonly against: string;
  readonly metric: string;
  /** How often as good: 2 is half the time, or twice the throughput. 0.85 allows to be somewhat worse. */
  readonly atLeast: number;
}

export interface Contender {
  readonly name: string;
  /** How it is made, where the name does not say it. */
  readonly what?: string;
  /** What has to be installed for it to take part. */
  readonly needs?: Peer;
  /** Why it can't be measured on this system, if it can't. */
  readonly unable?: string;
  /** Measures once. Whatever it throws is reported as the contender's failure. */
  measure(round: Round): Promise<Measurement>;
}

/** How much one measurement may take. */
export interface Round {
  /** Length of the measured window, in ms. */
  readonly ms: number;
  /** Length of what goes before, in ms. */
  readonly warmUpMs: number;
  /** Part of a counted amount of work (operations, connections) that is to be done, up to 1. */
  readonly share: number;
}

/** What came out of one measurement. */
export interface Measurement {
  /** By the name of the metric; what a contender can't say is left out. */
  readonly values: Readonly<Record<string, number>>;
  /** What a reader has to know about the values: that the load was the limit, that nothing was pinned. */
  readonly notes?: readonly string[];
}
