// Some milliseconds of pure computation, as a task and as a plain function.
import { type ComputeTask, defineTask } from "@plait/thread/offload";

/** Steps that take about 5 ms. */
export const WORK = 3_000_000;

export function computeHere(steps: number): number {
  let sum = 0;
  for (let n = 0; n < steps; n++) sum += Math.sqrt(n);
  return sum;
}

export const compute: ComputeTask<[number], number> = defineTask(import.meta.url, "compute", computeHere);
