// Draws a dump as a tree: services, processes, threads, coroutines.
import { drawTasks } from "@plait/coroutine";
import type { ProcessDump, ServiceDump } from "@plait/supervisor";
import { colors } from "./colors.ts";

type Dumped = Omit<ProcessDump, "threads">;

export function drawDump(services: readonly ServiceDump[]): string {
  return services.flatMap(({ name, processes }) => [name, ...processes.flatMap(drawProcess).map(indent)]).join("\n");
}

function drawProcess(process: ProcessDump): string[] {
  return [...drawUnit(process), ...process.threads.flatMap(drawUnit).map(indent)];
}

function drawUnit({ unit, incarnation, tasks, blocked }: Dumped): string[] {
  const id = colors.bold(unit) + (incarnation > 1 ? ` incarnation ${incarnation}` : "");
  if (blocked) {
    const where = blocked.running ? ` in ${blocked.running}` : "";
    return [`${id} ${colors.yellow(`is stuck${where}`)}`, ...blocked.frames.map((frame) => `    at ${frame}`)];
  }
  if (!tasks) return [`${id} ${colors.yellow("does not answer, and its stack could not be read")}`];
  const count = tasks.length === 0 ? "" : `: ${tasks.length} coroutine${tasks.length === 1 ? "" : "s"}`;
  return [id + count, ...drawTasks(tasks).map(indent)];
}

function indent(line: string): string {
  return `  ${line}`;
}
