// supervisor status: shows what runs.
import type { Command } from "commander";
import { drawStatus } from "../draw-status.ts";
import { connectTo } from "../running.ts";

export function defineStatus(program: Command): void {
  program
    .command("status")
    .description("show a running supervisor's services, processes and threads")
    .argument("[name]", "the supervisor's name (default: the one of this folder, or the only one that runs)")
    .option("--json", "print the whole status as JSON")
    .addHelpText("after", "\nExample:\n  supervisor status echo --json")
    .action(async (name: string | undefined, { json }: { json?: boolean }) => {
      using client = await connectTo(name);
      const status = await client.call("status", {});
      if (json) {
        console.log(JSON.stringify(status, null, 2));
      } else {
        console.log(drawStatus(status, Date.now()));
      }
    });
}
