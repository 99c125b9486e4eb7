// supervisor reload: brings new code and configuration into a running supervisor, without losing a connection.
import type { Command } from "commander";
import { connectTo } from "../running.ts";
import { printStatusAfter, type StatusAfterFlags, statusAfter } from "../status-after.ts";

export function defineReload(program: Command): void {
  program
    .command("reload")
    .description("replace every process by one of the new code and configuration, new before old")
    .argument("[name]", "the supervisor's name (default: the one of this folder, or the only one that runs)")
    .option(...statusAfter)
    .addHelpText("after", "\nExample:\n  supervisor reload echo\n\nIf anything fails, the old processes go on serving.")
    .action(async (name: string | undefined, flags: StatusAfterFlags) => {
      using client = await connectTo(name);
      await client.call("reload", {});
      await printStatusAfter(client, flags);
    });
}
