// What the thread benchmark offloads.
import { type ComputeTask, defineTask } from "@plait/thread/offload";

/** Costs nothing: what is measured is the way there and back. */
export const nothing: ComputeTask<[], void> = defineTask(import.meta.url, "nothing", () => {});

/** Takes bytes and gives a number: one way with a payload. */
export const size: ComputeTask<[Uint8Array], number> = defineTask(
  import.meta.url,
  "size",
  (bytes: Uint8Array) => bytes.byteLength,
);

/** Computes for some ms on one core. */
export const compute: ComputeTask<[number], number> = defineTask(import.meta.url, "compute", computeHere);

/** The same without a task around it. */
export function computeHere(rounds: number): number {
  let sum = 0;
  for (let n = 0; n < rounds; n++) sum += Math.sqrt(n);
  return sum;
}
