// supervisor why: tells how units ended.
import { isRequested, type Unfinished } from "@plait/policy";
import type { Death } from "@plait/supervisor";
import type { Command } from "commander";
import { supervisorAddress } from "../arguments.ts";
import { colors } from "../colors.ts";
import { connectTo } from "../running.ts";

export function defineWhy(program: Command): void {
  program
    .command("why")
    .description("tell how a process or a thread ended, what was done, and what it wrote last")
    .argument("[unit]", "its id, such as p2 or p2.t1 (default: all)")
    .option(
      "--name <name>",
      "the supervisor's name (default: the one of this folder, or the only one)",
      supervisorAddress,
    )
    .option("--json", "print the deaths as JSON, the latest first")
    .addHelpText("after", "\nExample:\n  supervisor why p2.t1")
    .action(async (unit: string | undefined, { name, json }: { name?: string; json?: boolean }) => {
      using client = await connectTo(name);
      const { deaths } = await client.call("why", unit === undefined ? {} : { unit });
      if (json) console.log(JSON.stringify(deaths, null, 2));
      else console.log(deaths.length === 0 ? `${unit ?? "nothing"} has not ended so far` : deaths.map(draw).join("\n"));
    });
}

function draw({
  unit,
  incarnation,
  processIncarnation,
  at,
  cause,
  text,
  next,
  stack,
  unfinished,
  lastLines,
}: Death): string {
  const time = new Date(at).toTimeString().slice(0, 8);
  const [process] = unit.split(".");
  const of = process === unit ? "" : ` of ${process} incarnation ${processIncarnation}`;
  const lines = [`${colors.dim(time)} ${colors.bold(unit)} incarnation ${incarnation}${of}: ${text} (${cause})`];
  if (unfinished) lines.push(...drawUnfinished(unfinished));
  if (stack?.running) lines.push(`  it was running ${stack.running}`);
  lines.push(...(stack?.frames ?? []).map((frame) => `    at ${frame}`));
  if (next !== null) lines.push(`  ${next}`);
  if (!isRequested(cause)) lines.push(...lastLines.map((line) => colors.dim(`  | ${line}`)));
  return lines.join("\n");
}

/** What the drain did not wait out. */
function drawUnfinished({ connections, tasks }: Unfinished): string[] {
  const what = connections === null ? "it" : `${connections} connection${connections === 1 ? "" : "s"}`;
  const lines = tasks.map(({ task, peer, ageMs, waitingOn, waitingMs, at }) => {
    const age = ageMs === null ? "" : `; its connection was ${ageMs} ms old`;
    const wait = waitingOn === null ? "was running" : `had waited ${waitingMs} ms for ${waitingOn}`;
    return `  - ${task}${peer === null ? "" : ` from ${peer}`} ${wait}${at === null ? "" : ` at ${at}`}${age}`;
  });
  return [`  ${what} did not end within the drain`, ...lines];
}
