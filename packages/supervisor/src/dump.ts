// What every unit is doing: the shape of `supervisor dump --json`.
import type { ThreadDump } from "@plait/thread";
import { UnknownNameError } from "./errors.ts";
import { unitOf } from "./unit-id.ts";

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
 * The part of the dumps that an id stands for: a service, a process with its threads, a thread, or a coroutine with what it
 * owns.
 *
 * @throws {UnknownNameError} when it is in none of them
 */
export function onlyUnit(dumps: readonly ServiceDump[], id: string): readonly ServiceDump[] {
  const unit = unitOf(id);
  const coroutine = id === unit ? undefined : id;
  const found = dumps.flatMap((service) => {
    if (service.name === id) return service;
    const processes = service.processes.flatMap((process) => {
      if (process.unit === unit) return only(process, coroutine) ?? [];
      const threads = process.threads.flatMap((thread) =>
        thread.unit === unit ? (only(thread, coroutine) ?? []) : [],
      );
      return threads.length > 0 ? { ...process, tasks: [], blocked: null, threads } : [];
    });
    return processes.length > 0 ? { ...service, processes } : [];
  });
  if (found.length > 0) return found;
  const known = dumps.flatMap(({ processes }) => processes.flatMap((each) => [each, ...each.threads]));
  throw new UnknownNameError(
    "unit",
    id,
    known.map((each) => each.unit),
  );
}

/** The dump with that coroutine and its children alone; one that did not tell of its coroutines, as it is. */
function only<D extends ThreadDump>(dump: D, coroutine: string | undefined): D | undefined {
  if (coroutine === undefined || dump.tasks === null) return dump;
  const family = new Set<number>();
  // Owners come before what they own.
  for (const { id, name, parent } of dump.tasks) {
    if (name === coroutine || (parent !== undefined && family.has(parent))) family.add(id);
  }
  if (family.size === 0) return undefined;
  return { ...dump, tasks: dump.tasks.filter(({ id }) => family.has(id)) };
}
