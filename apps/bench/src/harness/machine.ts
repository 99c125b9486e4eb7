// Where a run took place, and which code it measured.
import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import type { Benchmark } from "./benchmark.ts";
import { canPin } from "./pin.ts";
import type { Machine } from "./report.ts";

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryMb: Math.round(totalmem() / 2 ** 20),
    system: `${type()} ${release()}`,
    pinned: canPin,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** The commit of the working copy, with "-dirty" when it has been changed; "unknown" outside of one. */
export function describeCommit(): string {
  const found = spawnSync("git", ["describe", "--always", "--dirty", "--exclude=*"], { encoding: "utf8" });
  return found.status === 0 ? found.stdout.trim() : "unknown";
}

/** Versions of Node and of every peer that takes part. */
export function describeVersions(benchmarks: readonly Benchmark[]): Record<string, string> {
  const versions: Record<string, string> = { Node: process.version.slice(1) };
  for (const { needs } of benchmarks.flatMap(({ scenarios }) => scenarios).flatMap(({ contenders }) => contenders)) {
    if (needs?.version !== undefined) versions[needs.name] = needs.version;
  }
  return versions;
}
