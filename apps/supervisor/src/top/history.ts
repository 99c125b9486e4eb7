// The last figures of every unit, and what follows from two of them: new connections a second.
import type { SupervisorStatus } from "@plait/supervisor";
import { treeRows } from "../tree-rows.ts";

/** Samples that are kept of each unit. */
const KEPT = 120;

export interface Sample {
  /** In ms since the epoch. */
  readonly at: number;
  /** Processor time by time of a process, busy share of a thread's event loop, or the sum of a service's processes. */
  readonly busy: number;
  readonly total: number;
  /** New connections a second since the sample before. */
  readonly rate: number;
}

export type History = ReadonlyMap<string, readonly Sample[]>;

/** The history with one more sample of every unit that is there; the others are forgotten. */
export function addSample(history: History, status: SupervisorStatus, at: number): History {
  return new Map(
    treeRows(status).map((row) => {
      const before = history.get(row.id) ?? [];
      const { busy, total } = figuresOf(row);
      const last = before.at(-1);
      // A counter that goes back is another incarnation's.
      const rate = last && at > last.at ? (Math.max(0, total - last.total) / (at - last.at)) * 1_000 : 0;
      return [row.id, [...before, { at, busy, total, rate }].slice(-KEPT)];
    }),
  );
}

function figuresOf(row: ReturnType<typeof treeRows>[number]): { readonly busy: number; readonly total: number } {
  if (row.tier === "thread") return { busy: row.status.usage?.utilization ?? 0, total: row.status.total };
  if (row.tier === "process") return { busy: row.status.usage?.cpu ?? 0, total: row.status.total };
  const { processes, removed } = row.status;
  return {
    busy: processes.reduce((sum, { usage }) => sum + (usage?.cpu ?? 0), 0),
    total: [...processes, ...removed].reduce((sum, { total }) => sum + total, 0),
  };
}
