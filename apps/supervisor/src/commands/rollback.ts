// supervisor rollback: goes back to what ran before the last reload, without losing a connection.
import type { Command } from "commander";
import { connectTo } from "../running.ts";
import { printStatusAfter, type StatusAfterFlags, statusAfter } from "../status-after.ts";

export function defineRollback(program: Command): void {
  program
    .command("rollback")
    .description("go back to the configuration, and to the paths of the code, of before the last reload")
    .argument("[name]", "the supervisor's name (default: the one of this folder, or the only one that runs)")
    .option(...statusAfter)
    .addHelpText(
      "after",
      "\nExample:\n  supervisor rollback echo\n\nCode that was overwritten in place can't be brought back: deploy releases side by side behind a link.",
    )
    .action(async (name: string | undefined, flags: StatusAfterFlags) => {
      using client = await connectTo(name);
      const { at, entries } = await client.call("rollback", {});
      if (flags.json) return await printStatusAfter(client, flags);
      console.log(`back to the configuration that was read at ${new Date(at).toTimeString().slice(0, 8)}`);
      for (const [service, entry] of Object.entries(entries)) console.log(`${service} runs ${entry}`);
    });
}
