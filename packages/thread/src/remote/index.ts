// Calls between the threads of a process.
export { NoUnitsError, UnitNotServingError, UnknownMethodError } from "./errors.ts";
export { type Remote, type RemoteFunction, remote } from "./remote.ts";
export type { RemoteOptions } from "./remote-units.ts";
