// Statuses to draw, without a supervisor: a thousand seconds old, and well.
import type { ProcessStatus, SupervisorStatus, ThreadStatus } from "@plait/supervisor";

const unit = {
  state: "ready",
  incarnation: 1,
  startedAt: 0,
  lastExit: null,
  failures: 0,
  lastFailure: null,
  connections: 0,
  total: 0,
  outcomes: {},
  lost: 0,
} as const;

export function threadStatus(id: string, set: Partial<ThreadStatus> = {}): ThreadStatus {
  const usage = { utilization: 0.25, cpuMs: 1_000, heapUsed: 12_000_000, gcMs: 20 };
  return { ...unit, unit: id, usage, coroutines: null, ...set };
}

export function processStatus(id: string, set: Partial<ProcessStatus> = {}): ProcessStatus {
  const usage = { memory: 50_000_000, cpuMs: 2_000, cpu: 0.5 };
  const { total = 0, connections = 0 } = set;
  return {
    ...unit,
    unit: id,
    pid: 100,
    next: null,
    full: false,
    waiting: 0,
    usage,
    coroutines: null,
    latencies: null,
    threads: [],
    outcomes: { served: total - connections },
    ...set,
  };
}

/** A supervisor with the service `echo`, or with one for each list of processes: `echo`, `echo2`, … */
export function supervisorStatus(...services: (readonly ProcessStatus[])[]): SupervisorStatus {
  return {
    name: "shop",
    pid: 1,
    state: "serving",
    startedAt: 0,
    node: "v26.10.0",
    usage: { memory: 60_000_000, cpuMs: 3_000, cpu: 0.02 },
    health: null,
    services: services.map((processes, index) => ({
      name: `echo${index === 0 ? "" : index + 1}`,
      entry: "/srv/echo.ts",
      topology: { processes: processes.length, threads: processes[0]?.threads.length ?? 0, coroutines: 100 },
      listeners: [{ name: "127.0.0.1:8080", address: `127.0.0.1:${8080 + index}`, suspended: false }],
      processes,
      kept: [],
      removed: [],
    })),
  };
}
