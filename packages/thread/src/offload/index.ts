// Offload: pure functions on the compute pool.
export type { OffloadOptions } from "./call.ts";
export {
  NotATaskError,
  OffloadCloneError,
  OffloadLostError,
  OffloadQueueFullError,
  OffloadTimeoutError,
  TaskLoadError,
  UnknownTaskError,
} from "./errors.ts";
export { type Offload, type OffloadStats, offload } from "./offload.ts";
export type { OffloadMapOptions, OffloadResults } from "./offload-map.ts";
export { type ComputeTask, defineTask, type TaskAddress, type TaskOptions } from "./task.ts";
