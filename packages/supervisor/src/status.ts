// The shape of a supervisor's status: what `supervisor status --json` prints.
import type { TaskCounts } from "@plait/coroutine";
import type { UnitState } from "@plait/policy";
import type { ThreadUsage } from "@plait/thread";
import type { Latencies } from "./latency-kinds.ts";
import type { ProcessUsage } from "./process-usage.ts";

/** What happened to the connections of a unit. */
export interface ConnectionCounts {
  /** Being served now. */
  readonly connections: number;
  /** Given to the unit since the slot's first incarnation. A process's waiting ones are among them. */
  readonly total: number;
  /** How those that ended did, by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Ended because their unit did. */
  readonly lost: number;
}

/** What went wrong with a unit: from the supervisor's record, which outlives every incarnation. */
export interface UnitRecord {
  /** Ends that nobody had asked for. */
  readonly failures: number;
  /** The latest of them; null when there was none. */
  readonly lastFailure: { readonly at: number; readonly text: string } | null;
}

/** What all units have in common. */
export interface UnitStatus extends ConnectionCounts, UnitRecord {
  /** For example `"p2"` or `"p2.t1"`. */
  readonly unit: string;
  readonly state: UnitState;
  /** 1 for the first, one more for each restart. */
  readonly incarnation: number;
  /** When this incarnation started, in ms since the epoch. */
  readonly startedAt: number;
  /** Why the incarnation before this one ended; null when there was none. */
  readonly lastExit: string | null;
}

export interface ThreadStatus extends UnitStatus {
  /** Event loop, processor time and heap of the running incarnation; null while there is none. */
  readonly usage: ThreadUsage | null;
  /** Its coroutines by state, as last told; null until it has told. */
  readonly coroutines: TaskCounts | null;
}

/** The connections of a process: total = connections + waiting + the outcomes' sum + lost, at any time. */
export interface ProcessCounts extends ConnectionCounts {
  /** Accepted connections that wait for a coroutine. */
  readonly waiting: number;
}

/** What only a process itself knows. */
export interface ProcessShare {
  /** True while connections are left in the kernel's queue. */
  readonly full: boolean;
  readonly threads: readonly ThreadShare[];
  /** How long things took since it started; null until it has told. */
  readonly latencies: Latencies | null;
  /** Its coroutines by state, those of its threads together; null until it has told. */
  readonly coroutines: TaskCounts | null;
}

/** A thread as its process knows it. */
export type ThreadShare = Omit<ThreadStatus, keyof UnitRecord>;

/** A slot. Its counters are the sums over all its processes so far, the ones that serve beside the running one included. */
export interface ProcessStatus extends UnitStatus, ProcessCounts, Omit<ProcessShare, "threads"> {
  readonly threads: readonly ThreadStatus[];
  /** Null while the slot waits for its next process. */
  readonly pid: number | null;
  /** Memory and processor time of the process; null while there is none. */
  readonly usage: ProcessUsage | null;
  /** The process that is to replace this one, beside which it serves; null when there is none. */
  readonly next: { readonly pid: number; readonly incarnation: number; readonly ready: boolean } | null;
}

/**
 * A process that a reload has replaced, and that goes on serving the connections which it has. They are in the counters
 * of its slot, too, or of the removed slot.
 */
export interface KeptProcess extends ProcessCounts {
  /** The slot that it is from. */
  readonly unit: string;
  readonly incarnation: number;
  /** The reload that it is from; the first processes are 1. */
  readonly generation: number;
  readonly pid: number;
  /** When it started, in ms since the epoch. */
  readonly startedAt: number;
  readonly usage: ProcessUsage | null;
}

/** The counters of a slot that was taken away; its last process may still be draining. They go on when it comes back. */
export interface RemovedSlot extends ProcessCounts {
  readonly unit: string;
}

/** A slot as its group knows it. */
export type ProcessSlot = Omit<ProcessStatus, keyof UnitRecord | "usage" | "threads"> & ProcessShare;

export interface ListenerStatus {
  readonly name: string;
  readonly address: string;
  /** True while its connections are left in the kernel's queue, by command. */
  readonly suspended: boolean;
}

export interface ServiceStatus {
  readonly name: string;
  /** Absolute path of the service's module. */
  readonly entry: string;
  /** 0 processes: it is served by the supervisor's own process. */
  readonly topology: { readonly processes: number; readonly threads: number; readonly coroutines: number };
  readonly listeners: readonly ListenerStatus[];
  readonly processes: readonly ProcessStatus[];
  /** Processes of older generations that go on beside those; see `reload.keep`. */
  readonly kept: readonly KeptProcess[];
  readonly removed: readonly RemovedSlot[];
}

export interface SupervisorStatus {
  readonly name: string;
  readonly pid: number;
  readonly state: "starting" | "serving" | "stopping" | "stopped" | "failed";
  readonly startedAt: number;
  readonly node: string;
  /** Memory and processor time of its own process; null where the system does not tell. */
  readonly usage: ProcessUsage | null;
  /** Where it answers for health and metrics; null if nowhere. */
  readonly health: string | null;
  readonly services: readonly ServiceStatus[];
}

export const noConnections: ConnectionCounts = { connections: 0, total: 0, outcomes: {}, lost: 0 };

export const nothingCounted: ProcessCounts = { ...noConnections, waiting: 0 };

/** The sum of two processes' counts. */
export function addCounts(a: ProcessCounts, b: ProcessCounts): ProcessCounts {
  const outcomes: Record<string, number> = { ...a.outcomes };
  for (const [outcome, count] of Object.entries(b.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
  return {
    connections: a.connections + b.connections,
    waiting: a.waiting + b.waiting,
    total: a.total + b.total,
    outcomes,
    lost: a.lost + b.lost,
  };
}

/** The sum of two threads' coroutines; of one that has not told, nothing is known. */
export function addTaskCounts(a: TaskCounts | null, b: TaskCounts | null): TaskCounts | null {
  if (!a || !b) return a ?? b;
  return {
    ready: a.ready + b.ready,
    running: a.running + b.running,
    waiting: a.waiting + b.waiting,
    cancelling: a.cancelling + b.cancelling,
  };
}
