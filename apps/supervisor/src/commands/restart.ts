// supervisor restart: replaces processes or threads by new ones of the same configuration, while the service serves.
import type { Command } from "commander";
import { supervisorAddress } from "../arguments.ts";
import { connectTo } from "../running.ts";
import { printStatusAfter, type StatusAfterFlags, statusAfter } from "../status-after.ts";

export function defineRestart(program: Command): void {
  program
    .command("restart")
    .alias("recycle")
    .description(
      "replace a process, a thread, or all of a service, by new ones of the same configuration, new before old",
    )
    .argument("[unit]", "a process such as p2, a thread such as p2.t1, or a service (default: all)")
    .option(
      "--name <name>",
      "the supervisor's name (default: the one of this folder, or the only one)",
      supervisorAddress,
    )
    .option(...statusAfter)
    .addHelpText("after", "\nExample:\n  supervisor restart p2\n\nIf a new one fails, the old one goes on serving.")
    .action(async (unit: string | undefined, { name, ...flags }: StatusAfterFlags & { readonly name?: string }) => {
      using client = await connectTo(name);
      await client.call("restart", unit === undefined ? {} : { unit });
      await printStatusAfter(client, flags);
    });
}
