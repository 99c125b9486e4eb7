// The result of a run as it is kept: everything that was measured, and where.

/** Goes up when a reader of an older file would misread it. */
export const FORMAT = 1;

export interface Report {
  readonly format: typeof FORMAT;
  /** ISO 8601. */
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  /** Versions by name: Node, and every peer that took part. */
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: Settings;
  /** How long the run took, in seconds. */
  readonly seconds: number;
  readonly benchmarks: readonly BenchmarkResult[];
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly system: string;
  /** Whether server and load were each kept to a core of their own. */
  readonly pinned: boolean;
  /** Load average when the run began: how busy the machine was with other things. */
  readonly load: number;
}

export interface Settings {
  readonly quick: boolean;
  readonly rounds: number;
  readonly ms: number;
}

export interface BenchmarkResult {
  readonly name: string;
  readonly what: string;
  readonly scenarios: readonly ScenarioResult[];
}

export interface ScenarioResult {
  readonly name: string;
  readonly what: string;
  readonly baseline: string;
  readonly metrics: readonly { readonly name: string; readonly unit: string; readonly better: "more" | "less" }[];
  readonly targets: readonly {
    readonly contender: string;
    readonly against: string;
    readonly metric: string;
    readonly atLeast: number;
  }[];
  readonly contenders: readonly ContenderResult[];
}

export interface ContenderResult {
  readonly name: string;
  readonly what: string | null;
  /** Why it did not take part; null when it did. */
  readonly skipped: string | null;
  /** Why it has fewer rounds than the others; null when it has all. */
  readonly failed: string | null;
  /** Values of each round by metric; null where the contender was not measured in that round. */
  readonly rounds: readonly (Readonly<Record<string, number>> | null)[];
  readonly notes: readonly string[];
}
