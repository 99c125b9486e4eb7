// What "supervisor top" shows, as a value: what is known, what is selected, and what a key changes about it.
import type { LogEntry, ProcessStatus, SupervisorStatus, ThreadStatus } from "@plait/supervisor";
import { type Order, type TreeRow, treeRows } from "../tree-rows.ts";
import { addSample, type History } from "./history.ts";

/** By what units below one parent are put in order; `id` is as they are. */
export const sortKeys = ["id", "busy", "memory", "live", "rate"] as const;
export type SortKey = (typeof sortKeys)[number];

/** What is on the screen below the first lines. */
export type View =
  | { readonly kind: "tree" }
  | { readonly kind: "help" }
  /** One unit: its figures and the last that it wrote. */
  | { readonly kind: "unit"; readonly unit: string; readonly entries: readonly LogEntry[] }
  /** A text about a unit, its coroutines, from the line `from` on. */
  | { readonly kind: "text"; readonly title: string; readonly lines: readonly string[]; readonly from: number };

export interface TopState {
  readonly status: SupervisorStatus;
  readonly history: History;
  /** When the status was taken, in ms since the epoch. */
  readonly at: number;
  readonly sort: SortKey;
  /** The id of the row under the cursor. */
  readonly selected: string;
  readonly view: View;
  readonly paused: boolean;
  /** One line about what the last key did. */
  readonly message: string;
  /** A question that "y" answers. */
  readonly asked: Action | undefined;
}

/** Something to be done outside, whose outcome comes back as a state. */
export type Action =
  | { readonly do: "quit" }
  | { readonly do: "open"; readonly unit: string }
  | { readonly do: "dump"; readonly unit: string }
  | { readonly do: "profile"; readonly unit: string }
  | { readonly do: "recycle"; readonly unit: string };

export function firstState(status: SupervisorStatus, at: number): TopState {
  return {
    status,
    history: addSample(new Map(), status, at),
    at,
    sort: "id",
    selected: status.services[0]?.name ?? "",
    view: { kind: "tree" },
    paused: false,
    message: "",
    asked: undefined,
  };
}

/** The state with a newer status. While it is paused, only the history goes on. */
export function withStatus(state: TopState, status: SupervisorStatus, at: number): TopState {
  const history = addSample(state.history, status, at);
  return state.paused ? { ...state, history } : { ...state, status, at, history };
}

/** The rows of the tree in the chosen order, the largest first. */
export function rowsOf({ status, sort, history }: TopState): TreeRow[] {
  if (sort === "id") return treeRows(status);
  const weigh = (unit: ProcessStatus | ThreadStatus): number => {
    const sample = history.get(unit.unit)?.at(-1);
    if (sort === "live") return unit.connections;
    if (sort === "memory") return memoryOf(unit);
    return (sort === "busy" ? sample?.busy : sample?.rate) ?? 0;
  };
  const order: Order = (units) => units.toSorted((a, b) => weigh(b) - weigh(a));
  return treeRows(status, order);
}

/** Resident memory of a process, heap of a thread. */
export function memoryOf(unit: ProcessStatus | ThreadStatus): number {
  const { usage } = unit;
  if (usage === null) return 0;
  return "memory" in usage ? usage.memory : usage.heapUsed;
}
