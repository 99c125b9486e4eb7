// Draws a supervisor's status as a tree: service, processes, threads.
import type { ProcessStatus, ServiceStatus, SupervisorStatus, UnitStatus } from "@plait/supervisor";
import colors from "picocolors";

interface Row {
  readonly text: string;
  readonly cells: readonly string[];
}

/** The tree with a line for each unit. `details` adds state, connections, incarnation and the last exit. */
export function drawTree(status: SupervisorStatus, { details }: { readonly details: boolean }): string {
  const rows: Row[] = [];
  for (const service of status.services) rows.push(...serviceRows(service, details));
  const width = Math.max(...rows.map((row) => row.text.length));
  return rows.map((row) => [row.text.padEnd(width), ...row.cells].join("  ").trimEnd()).join("\n");
}

function serviceRows(service: ServiceStatus, details: boolean): Row[] {
  const addresses = service.listeners.map((listener) => listener.address).join(", ");
  const rows: Row[] = [{ text: service.name, cells: [colors.bold(addresses)] }];
  for (const [index, process] of service.processes.entries()) {
    const last = index === service.processes.length - 1;
    rows.push({ text: `${last ? "└─" : "├─"} ${process.unit}`, cells: processCells(process, details) });
    for (const [inner, thread] of process.threads.entries()) {
      const lastThread = inner === process.threads.length - 1;
      const text = `${last ? "  " : "│ "} ${lastThread ? "└─" : "├─"} ${thread.unit}`;
      rows.push({ text, cells: details ? unitCells(thread) : [] });
    }
  }
  return rows;
}

function processCells(process: ProcessStatus, details: boolean): string[] {
  const pid = process.pid === null ? "no process" : `pid ${process.pid}`;
  if (!details) return [pid];
  const queue = queueCells(process);
  const next = process.next
    ? [
        `incarnation ${process.next.incarnation} (pid ${process.next.pid}) ${process.next.ready ? "serves" : "starts"} beside it`,
      ]
    : [];
  return [pid.padEnd(12), ...unitCells(process), ...queue, ...next];
}

function queueCells(process: ProcessStatus): string[] {
  return process.full ? ["queue full"] : process.waiting > 0 ? [`${process.waiting} waiting`] : [];
}

function unitCells(unit: UnitStatus): string[] {
  const state = unit.state === "ready" ? colors.green(unit.state) : colors.yellow(unit.state);
  const cells = [state, `${unit.connections} live`, `${unit.total} total`];
  if (unit.lost > 0) cells.push(`${unit.lost} lost`);
  if (unit.incarnation > 1 || unit.lastExit) {
    cells.push(`incarnation ${unit.incarnation}${unit.lastExit ? `, the last one ${unit.lastExit}` : ""}`);
  }
  return cells;
}
