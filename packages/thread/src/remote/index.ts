// Calls between the threads of a process.
export { ThreadCallCloneError, ThreadCallTimeoutError, ThreadExitedError } from "../errors.ts";
export { NoUnitsError, SharedMemoryError, UnitNotServingError, UnknownMethodError } from "./errors.ts";
export { type Remote, type RemoteFunction, remote } from "./remote.ts";
export type { RemoteOptions } from "./remote-units.ts";
export { sharedMemory } from "./shared-memory.ts";
