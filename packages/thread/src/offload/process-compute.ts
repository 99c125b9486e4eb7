// The compute pool of this process, made when it is first asked for.
import type { Compute } from "./compute.ts";
import { ComputePool } from "./compute-pool.ts";
import { currentCompute } from "./home.ts";

/** Whoever runs this thread's calls: what it was given, else the process's own pool. */
export function processCompute(): Compute {
  return currentCompute(() => new ComputePool());
}
