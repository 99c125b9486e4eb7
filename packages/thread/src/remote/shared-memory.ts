// Memory by name, which all threads of a process see.
import { type Op, until } from "@plait/coroutine";
import { remoteUnits } from "./remote.ts";

/**
 * The memory of that name: the first who asks makes it, and whoever asks later in any thread of the process gets the same.
 * It outlives the threads that use it, and ends with the process. Use it through `Atomics`, for counters, or give it to
 * `SharedRate`, for limits.
 *
 * @param name any text; every service of the process sees the same names
 * @param bytes all zero at first
 * @throws {SharedMemoryError} when it was made with another size, or can't be made with this one
 * @throws {NoUnitsError} in code that no unit of a service runs
 * @example
 * const served = new Int32Array(yield* sharedMemory("served", 4));
 * Atomics.add(served, 0, 1);
 */
export function sharedMemory(name: string, bytes: number): Op<SharedArrayBuffer> {
  return until(() => remoteUnits().memory(name, bytes));
}
