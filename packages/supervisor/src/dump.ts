// What every unit is doing: the shape of `supervisor dump --json`.
import type { ThreadDump } from "@plait/thread";
import { UnknownNameError } from "./errors.ts";

/** What a process is doing: its main thread, and its serving threads. */
export interface ProcessDump extends ThreadDump {
  /** Empty when the process has none, and when its main thread did not answer for them. */
  readonly threads: readonly ThreadDump[];
}

export interface ServiceDump {
  readonly name: string;
  readonly processes: readonly ProcessDump[];
}

/**
 * The part of the dumps that a unit is: a process with its threads, or a thread.
 *
 * @throws {UnknownNameError} when it is in none of them
 */
export function onlyUnit(dumps: readonly ServiceDump[], unit: string): readonly ServiceDump[] {
  const found = dumps.flatMap((service) => {
    const processes = service.processes.flatMap((process) => {
      if (process.unit === unit) return process;
      const threads = process.threads.filter((thread) => thread.unit === unit);
      return threads.length > 0 ? { ...process, tasks: [], blocked: null, threads } : [];
    });
    return processes.length > 0 ? { ...service, processes } : [];
  });
  if (found.length > 0) return found;
  const known = dumps.flatMap(({ processes }) => processes.flatMap((each) => [each, ...each.threads]));
  throw new UnknownNameError(
    "unit",
    unit,
    known.map((each) => each.unit),
  );
}
