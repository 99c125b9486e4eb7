// Draws a supervisor's status, for people: what is wrong first, then the tree, then what became of the connections.
import type { ServiceStatus, SupervisorStatus, TaskCounts } from "@plait/supervisor";
import { colors } from "./colors.ts";
import { showAge, showShare, showSize } from "./figures.ts";
import { type TreeRow, treeRows } from "./tree-rows.ts";
import { troubleOf } from "./trouble.ts";

const headings = ["UNIT", "STATE", "PID", "UP", "INC", "FAILED", "BUSY", "MEMORY", "LIVE", "TOTAL", "COROUTINES"];
/** Columns that line up on the left. */
const words = [0, 1, 10];

/** The whole status. */
export function drawStatus(status: SupervisorStatus, now: number): string {
  const { name, pid, state, startedAt, node, usage, health } = status;
  const age = `up ${showAge(now - startedAt)}`;
  const uses = usage ? `, busy ${showShare(usage.cpu)}, ${showSize(usage.memory)}` : "";
  return [
    `supervisor ${name}, pid ${pid}, ${state}, node ${node}`,
    colors.dim(`${age}${uses}`),
    ...troubleOf(status, now).map((sentence) => `${colors.red("!")} ${sentence}`),
    ...drawTable(treeRows(status), now),
    ...status.services.map((service) => drawLedger(service)),
    ...(health === null ? [] : [`health and metrics on ${health}`]),
  ].join("\n");
}

/** The tree alone: who there is and where, for the start. */
export function drawTree(status: SupervisorStatus): string {
  const rows = treeRows(status);
  const width = Math.max(...rows.map(({ branch, id }) => branch.length + id.length));
  return rows
    .map((row) => {
      const name = `${row.branch}${row.id}`.padEnd(width);
      if (row.tier === "service") return `${name}  ${colors.bold(addressesOf(row.status))}`;
      return row.tier === "process" ? `${name}  pid ${row.status.pid ?? "none"}` : name.trimEnd();
    })
    .join("\n");
}

function drawTable(rows: readonly TreeRow[], now: number): string[] {
  const table = rows.map((row) => cellsOf(row, now));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...table.map((cells) => (cells.length > 2 ? (cells[column]?.length ?? 0) : 0))),
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return words.includes(column) ? cell.padEnd(width) : cell.padStart(width);
    });
  const drawn = table.map((cells, index) => {
    if (cells.length === 2) return `${cells[0]}  ${colors.bold(cells[1] ?? "")}`;
    const [unit = "", state = "", ...others] = line(cells);
    const row = rows[index];
    const isReady = row?.tier !== "service" && row?.status.state === "ready";
    return [unit, isReady ? colors.green(state) : colors.yellow(state), ...others].join("  ").trimEnd();
  });
  return [colors.dim(line(headings).join("  ")), ...drawn];
}

function cellsOf({ branch, id, ...row }: TreeRow, now: number): string[] {
  if (row.tier === "service") return [id, addressesOf(row.status)];
  const { status } = row;
  const [busy, memory] =
    row.tier === "process"
      ? [row.status.usage?.cpu, row.status.usage?.memory]
      : [row.status.usage?.utilization, row.status.usage?.heapUsed];
  return [
    `${branch}${id}`,
    status.state,
    row.tier === "process" ? String(row.status.pid ?? "none") : "",
    showAge(now - status.startedAt),
    String(status.incarnation),
    String(status.failures),
    showShare(busy),
    showSize(memory),
    String(status.connections),
    String(status.total),
    showCoroutines(status.coroutines),
  ];
}

function showCoroutines(counts: TaskCounts | null): string {
  const some = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  return some.map(([state, count]) => `${count} ${state}`).join(", ");
}

function addressesOf({ listeners }: ServiceStatus): string {
  return listeners.map(({ address, suspended }) => (suspended ? `${address} (suspended)` : address)).join(", ");
}

/** How every connection that was accepted ended, or that it has not. */
function drawLedger({ name, processes, removed }: ServiceStatus): string {
  const sums = new Map<string, number>();
  const add = (what: string, count: number) => sums.set(what, (sums.get(what) ?? 0) + count);
  let total = 0;
  for (const process of [...processes, ...removed]) {
    total += process.total;
    add("live", process.connections);
    add("waiting", process.waiting);
    for (const [outcome, count] of Object.entries(process.outcomes)) add(outcome, count);
    add("lost", process.lost);
  }
  const parts = [...sums].filter(([what, count]) => count > 0 || what === "lost");
  return `${name}: ${total} accepted: ${parts.map(([what, count]) => `${count} ${what}`).join(", ")}`;
}
