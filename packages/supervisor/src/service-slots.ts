// A service's status as the service knows it, and completed by what only its supervisor knows.
import type { ProcessUsage } from "./process-usage.ts";
import type { KeptProcess, ProcessSlot, ServiceStatus, UnitRecord } from "./status.ts";

/** A service's status, but for what its supervisor adds. */
export interface ServiceSlots extends Omit<ServiceStatus, "processes" | "kept"> {
  readonly processes: readonly ProcessSlot[];
  readonly kept: readonly Omit<KeptProcess, "usage">[];
}

/** What the supervisor knows about units. */
export interface KnownOfUnits {
  readonly usageOf: (pid: number | null) => ProcessUsage | null;
  readonly recordOf: (unit: string) => UnitRecord;
}

export function completed(service: ServiceSlots, { usageOf, recordOf }: KnownOfUnits): ServiceStatus {
  return {
    ...service,
    processes: service.processes.map((slot) => ({
      ...slot,
      ...recordOf(slot.unit),
      usage: usageOf(slot.pid),
      threads: slot.threads.map((thread) => ({ ...thread, ...recordOf(thread.unit) })),
    })),
    kept: service.kept.map((kept) => ({ ...kept, usage: usageOf(kept.pid) })),
  };
}
