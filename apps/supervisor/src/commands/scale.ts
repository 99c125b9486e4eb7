// supervisor scale: changes the number of processes, or of their threads, while they serve.
import type { Command } from "commander";
import { atLeast } from "../arguments.ts";
import { connectTo } from "../running.ts";
import { printStatusAfter, type StatusAfterFlags, statusAfter } from "../status-after.ts";

interface ScaleOptions extends StatusAfterFlags {
  readonly service?: string;
  readonly threads?: boolean;
}

export function defineScale(program: Command): void {
  program
    .command("scale")
    .description("add processes, or drain and end some, until there are n; a reload goes back to the configured number")
    .argument("<n>", "how many processes; with --threads, how many threads each of them has", atLeast(1))
    .argument("[name]", "the supervisor's name (default: the one of this folder, or the only one that runs)")
    .option("-t, --threads", "change the threads of each process, and not the processes")
    .option("--service <service>", "which service, when the supervisor has several")
    .option(...statusAfter)
    .addHelpText("after", "\nExamples:\n  supervisor scale 4 echo\n  supervisor scale 3 --threads")
    .action(async (count: number, name: string | undefined, { service, threads, ...flags }: ScaleOptions) => {
      using client = await connectTo(name);
      const which = service !== undefined && { service };
      if (threads) await client.call("scale-threads", { threads: count, ...which });
      else await client.call("scale", { processes: count, ...which });
      await printStatusAfter(client, flags);
    });
}
