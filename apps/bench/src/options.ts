// What the command line asks for.
import { parseArgs } from "node:util";
import type { Benchmark } from "./harness/benchmark.ts";
import type { RunOptions } from "./harness/run-benchmarks.ts";

export type Options =
  | { readonly ask: "list" }
  | { readonly ask: "compare"; readonly files: readonly [string, string] }
  | {
      readonly ask: "run";
      /** Those that were named, with the scenarios that were named; all without a name. */
      readonly benchmarks: readonly Benchmark[];
      readonly quick: boolean;
      readonly json: string | undefined;
      readonly run: Pick<RunOptions, "rounds" | "round" | "nodeOnly">;
    };

export class UsageError extends Error {
  readonly code = "ERR_PLAIT_USAGE";
}

/** Code is compiled in several steps while it runs; the last of them comes late. */
const WARM_UP_MS = 800;
const QUICK = { rounds: 1, ms: 400, warmUpMs: 400, share: 0.2 };

/** @throws {UsageError} when it can't be understood */
export function readOptions(args: readonly string[], all: readonly Benchmark[]): Options {
  const { values, positionals } = parse(args);
  if (values.list) return { ask: "list" };
  if (values.compare) {
    const [before, after] = positionals;
    if (before === undefined || after === undefined) throw new UsageError("--compare takes two files of --json");
    return { ask: "compare", files: [before, after] };
  }
  const quick = values.quick ?? false;
  const ms = quick ? QUICK.ms : positive("--seconds", values.seconds ?? "1.2") * 1000;
  const rounds = values.rounds === undefined && quick ? QUICK.rounds : positive("--rounds", values.rounds ?? "3");
  const round = quick ? QUICK : { ms, warmUpMs: WARM_UP_MS, share: 1 };
  return {
    ask: "run",
    benchmarks: choose(positionals, all),
    quick,
    json: values.json,
    run: { rounds, round, nodeOnly: quick },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        list: { type: "boolean" },
        quick: { type: "boolean" },
        json: { type: "string" },
        compare: { type: "boolean" },
        rounds: { type: "string" },
        seconds: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Names of benchmarks choose them; names of scenarios narrow them. */
function choose(names: readonly string[], all: readonly Benchmark[]): readonly Benchmark[] {
  const wanted = all.filter(({ name }) => names.includes(name));
  const among = wanted.length > 0 ? wanted : all;
  const scenarios = names.filter((name) => !wanted.some((benchmark) => benchmark.name === name));
  for (const name of scenarios) {
    if (among.some((benchmark) => benchmark.scenarios.some((scenario) => scenario.name === name))) continue;
    const known = all.map((benchmark) => benchmark.name).join(", ");
    throw new UsageError(`there is no benchmark "${name}"; there are ${known}, and "--list" shows their scenarios`);
  }
  if (scenarios.length === 0) return among;
  return among
    .map((one) => ({ ...one, scenarios: one.scenarios.filter(({ name }) => scenarios.includes(name)) }))
    .filter((one) => one.scenarios.length > 0);
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`${flag} takes a number above 0, not "${text}"`);
  return value;
}
