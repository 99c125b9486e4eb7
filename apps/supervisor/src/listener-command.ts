// What "suspend" and "resume" have in common: a command about the listeners of a service.
import type { Command } from "commander";
import { supervisorAddress } from "./arguments.ts";
import { listenersOf } from "./listener-target.ts";
import { connectTo } from "./running.ts";
import { printStatusAfter, type StatusAfterFlags, statusAfter } from "./status-after.ts";

/** @param note what else its help says */
export function defineListenerCommand(program: Command, name: "suspend" | "resume", does: string, note = ""): void {
  program
    .command(name)
    .description(does)
    .argument("[target]", "a service, or one of its listeners: echo/main (default: the only service)")
    .option(
      "--name <name>",
      "the supervisor's name (default: the one of this folder, or the only one)",
      supervisorAddress,
    )
    .option(...statusAfter)
    .addHelpText("after", `\nExample:\n  supervisor ${name} echo/main${note}`)
    .action(async (target: string | undefined, flags: StatusAfterFlags & { readonly name?: string }) => {
      using client = await connectTo(flags.name);
      await client.call(name, listenersOf(target));
      await printStatusAfter(client, flags);
    });
}
