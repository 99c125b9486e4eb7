// Who runs the offloaded calls of this thread. A serving thread and a compute thread are told; any other thread has a
// pool of its own from its first call on.
//
// Kept on the global object: a process may have loaded this package twice, and must not have two pools for it.
import type { Compute } from "./compute.ts";

const HOME = Symbol.for("@plait/thread compute");
const home = globalThis as { [HOME]?: Compute | undefined };

/** From now on `compute` runs this thread's calls; undefined: a pool that the next call makes. */
export function setCompute(compute: Compute | undefined): void {
  home[HOME] = compute;
}

/** The one that was set; `make` makes it when none was. */
export function currentCompute(make: () => Compute): Compute {
  home[HOME] ??= make();
  return home[HOME];
}
