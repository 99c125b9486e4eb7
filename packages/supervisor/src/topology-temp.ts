import { availableParallelism } from "node:os";
import type { TopologyConfig } from "@plait/config";
export interface ResolvedTopology {
  readonly processes: number;
  readonly threads: number;
  readonly coroutines: number;
}
export function resolveTopology(t: TopologyConfig): ResolvedTopology {
  const n = availableParallelism();
  return {
    processes: t.processes === "auto" ? n : t.processes,
    threads: t.threads === "auto" ? 1 : t.threads,
    coroutines: t.coroutines,
  };
}
