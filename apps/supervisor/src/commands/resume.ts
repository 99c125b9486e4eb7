// supervisor resume: accepts again on a listener that was suspended.
import type { Command } from "commander";
import { supervisorAddress } from "../arguments.ts";
import { listenersOf } from "../listener-target.ts";
import { connectTo } from "../running.ts";
import { printStatusAfter, type StatusAfterFlags, statusAfter } from "../status-after.ts";

export function defineResume(program: Command): void {
  program
    .command("resume")
    .description("accept again on a listener that was suspended, beginning with the clients that wait")
    .argument("[target]", "a service, or one of its listeners: echo/main (default: the only service)")
    .option(
      "--name <name>",
      "the supervisor's name (default: the one of this folder, or the only one)",
      supervisorAddress,
    )
    .option(...statusAfter)
    .addHelpText("after", "\nExample:\n  supervisor resume echo/main")
    .action(async (target: string | undefined, { name, ...flags }: StatusAfterFlags & { readonly name?: string }) => {
      using client = await connectTo(name);
      await client.call("resume", listenersOf(target));
      await printStatusAfter(client, flags);
    });
}
