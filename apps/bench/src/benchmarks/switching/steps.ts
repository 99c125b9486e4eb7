// The computation that is switched, or not: many steps of a few nanoseconds each.
import { type ComputeTask, defineTask } from "@plait/thread/offload";

export function step(sum: number, i: number): number {
  return sum + Math.sqrt(i) * Math.sqrt(i + 1) + Math.sqrt(sum);
}

function here(steps: number): number {
  let sum = 0;
  for (let i = 0; i < steps; i++) sum = step(sum, i);
  return sum;
}

const task: ComputeTask<[number], number> = defineTask(import.meta.url, "task", here);

export { task };

export const computation: { readonly here: (steps: number) => number; readonly task: typeof task } = { here, task };
