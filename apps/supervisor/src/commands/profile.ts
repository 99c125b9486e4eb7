// supervisor profile: writes a CPU profile or a heap snapshot of a unit to a file.
import { resolve } from "node:path";
import type { Command } from "commander";
import { atLeast, supervisorAddress } from "../arguments.ts";
import { connectTo } from "../running.ts";

interface ProfileOptions {
  readonly seconds: number;
  readonly heap?: boolean;
  readonly output?: string;
  readonly name?: string;
  readonly json?: boolean;
}

export function defineProfile(program: Command): void {
  program
    .command("profile")
    .description(
      "write a CPU profile or a heap snapshot of a process's main thread or a thread, also of one that hangs",
    )
    .argument("<unit>", "its id, such as p2 or p2.t1; for a coroutine, its thread is profiled")
    .option("-s, --seconds <n>", "length of the CPU profile, 600 at most", atLeast(1), 5)
    .option("--heap", "write a heap snapshot instead")
    .option(
      "-o, --output <file>",
      "where to; nothing may be there (default: <unit>-<time>.cpuprofile or .heapsnapshot)",
    )
    .option(
      "--name <name>",
      "the supervisor's name (default: the one of this folder, or the only one)",
      supervisorAddress,
    )
    .option("--json", "print where it was written to as JSON")
    .addHelpText(
      "after",
      "\nOpen the file in Chrome's developer tools.\n\nExample:\n  supervisor profile p2.t1 --seconds 10",
    )
    .action(async (unit: string, { seconds, heap, output, name, json }: ProfileOptions) => {
      using client = await connectTo(name);
      const file = resolve(output ?? `${unit}-${Date.now()}.${heap ? "heapsnapshot" : "cpuprofile"}`);
      if (heap) await client.call("heap", { unit, file });
      else await client.call("profile", { unit, file, ms: seconds * 1000 });
      console.log(json ? JSON.stringify({ unit, kind: heap ? "heap" : "cpu", file }) : file);
    });
}
