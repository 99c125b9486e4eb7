// supervisor logs: shows what the units wrote and what happened to them, and follows it.
import { parseDuration } from "@plait/config/units";
import { type ControlClient, type Level, type LogQuery, levels } from "@plait/supervisor/client";
import { type Command, InvalidArgumentError, Option } from "commander";
import { atLeast, supervisorAddress } from "../arguments.ts";
import { drawLogEntry } from "../draw-log.ts";
import { connectTo } from "../running.ts";

interface LogsFlags {
  readonly follow?: boolean;
  readonly level?: Level;
  readonly since?: number;
  readonly lines?: number;
  readonly json?: boolean;
  readonly reopen?: boolean;
  readonly name?: string;
}

/** How long a follower lets the supervisor hold an empty page back, in ms. */
const WAIT = 30_000;

export function defineLogs(program: Command): void {
  program
    .command("logs")
    .description("show what the units wrote and what happened to them, as far back as the supervisor keeps it")
    .argument("[unit]", "only this one: a process p2 with its threads, p2.t1, p2.t1.c914, or a service (default: all)")
    .option("-f, --follow", "go on with what comes, until the supervisor ends or Ctrl-C")
    .addOption(new Option("--level <level>", "this serious, or more").choices(levels))
    .option("--since <time>", "from then on: a time such as 2026-11-24T10:00, or how long ago, such as 10m", since)
    .option("-n, --lines <n>", "only the last n of them", atLeast(0))
    .option("--json", "print each entry as a line of JSON")
    .option("--reopen", "only open the log file anew, after it was moved away")
    .option(
      "--name <name>",
      "the supervisor's name (default: the one of this folder, or the only one)",
      supervisorAddress,
    )
    .addHelpText(
      "after",
      "\nExample:\n  supervisor logs p2 --follow --level warn\n  supervisor logs --since 10m --json",
    )
    .action(async (unit: string | undefined, { name, json = false, reopen, ...flags }: LogsFlags) => {
      using client = await connectTo(name);
      if (reopen) await client.call("reopen-logs", {});
      else await show(client, unit, flags, json);
    });
}

async function show(client: ControlClient, unit: string | undefined, flags: LogsFlags, json: boolean): Promise<void> {
  const { follow = false, level, since, lines } = flags;
  const query: LogQuery = {
    ...(unit !== undefined && { unit }),
    ...(level !== undefined && { level }),
    ...(since !== undefined && { since }),
  };
  let page = await client.call("logs", { ...query, ...(lines !== undefined && { last: lines }) });
  for (;;) {
    if (page.skipped > 0) process.stderr.write(`supervisor: ${page.skipped} entries came too fast to be shown\n`);
    for (const entry of page.entries) console.log(json ? JSON.stringify(entry) : drawLogEntry(entry));
    if (page.ended || (!page.more && !follow)) return;
    page = await client.call("logs", { ...query, after: page.next, ...(!page.more && { wait: WAIT }) });
  }
}

function since(text: string): number {
  const ago = parseDuration(text);
  const at = ago === undefined ? Date.parse(text) : Date.now() - ago;
  if (Number.isNaN(at)) throw new InvalidArgumentError('Write a time such as "2026-11-24T10:00", or "10m".');
  return at;
}
