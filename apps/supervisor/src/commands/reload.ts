// supervisor reload: brings new code and configuration into a running supervisor, without losing a connection.
import type { Command } from "commander";
import { connectTo } from "../running.ts";
import { printStatusAfter, type StatusAfterFlags, statusAfter } from "../status-after.ts";

export function defineReload(program: Command): void {
  program
    .command("reload")
    .description("replace every process by one of the new code and configuration, new before old")
    .argument("[name]", "the supervisor's name (default: the one of this folder, or the only one that runs)")
    .option("--certificates", "only read the certificates of TLS listeners again; nothing is replaced or dropped")
    .option(...statusAfter)
    .addHelpText(
      "after",
      "\nExample:\n  supervisor reload echo\n\nIf anything fails, the old processes go on serving. Keys that are applied live replace none.",
    )
    .action(async (name: string | undefined, flags: StatusAfterFlags & { readonly certificates?: boolean }) => {
      using client = await connectTo(name);
      if (flags.certificates) {
        await client.call("reload-certificates", {});
        return printStatusAfter(client, flags);
      }
      const { adjusted } = await client.call("reload", {});
      for (const service of flags.json ? [] : adjusted) {
        console.log(`${service} has taken over the configuration; none of its processes had to be replaced`);
      }
      await printStatusAfter(client, flags);
    });
}
