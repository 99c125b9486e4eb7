// supervisor suspend: leaves a listener's new connections in the kernel's queue.
import type { Command } from "commander";
import { supervisorAddress } from "../arguments.ts";
import { listenersOf } from "../listener-target.ts";
import { connectTo } from "../running.ts";
import { printStatusAfter, type StatusAfterFlags, statusAfter } from "../status-after.ts";

export function defineSuspend(program: Command): void {
  program
    .command("suspend")
    .description("accept no more on a listener: clients wait in the kernel's queue, and open connections go on")
    .argument("[target]", "a service, or one of its listeners: echo/main (default: the only service)")
    .option(
      "--name <name>",
      "the supervisor's name (default: the one of this folder, or the only one)",
      supervisorAddress,
    )
    .option(...statusAfter)
    .addHelpText("after", "\nExample:\n  supervisor suspend echo/main\n\nIt lasts until supervisor resume.")
    .action(async (target: string | undefined, { name, ...flags }: StatusAfterFlags & { readonly name?: string }) => {
      using client = await connectTo(name);
      await client.call("suspend", listenersOf(target));
      await printStatusAfter(client, flags);
    });
}
