// What is offloaded to find out what the way there costs.
import { type ComputeTask, defineTask } from "@plait/thread/offload";

/** Takes bytes and gives a number: one way with a payload. */
export const size: ComputeTask<[Uint8Array], number> = defineTask(
  import.meta.url,
  "size",
  (bytes: Uint8Array) => bytes.byteLength,
);
