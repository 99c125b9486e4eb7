// supervisor stop: ends a running supervisor and waits until it has ended.
import type { Command } from "commander";
import { connectTo } from "../running.ts";

export function defineStop(program: Command): void {
  program
    .command("stop")
    .description("stop a running supervisor; resolves when everything has ended")
    .argument("[name]", "the supervisor's name (default: the one of this folder, or the only one that runs)")
    .option("--hurry", "give up what is in flight")
    .option("--json", "print what was stopped as JSON")
    .addHelpText("after", "\nExample:\n  supervisor stop echo")
    .action(
      async (
        name: string | undefined,
        { hurry = false, json }: { readonly hurry?: boolean; readonly json?: boolean },
      ) => {
        using client = await connectTo(name);
        const { name: stopped, pid } = await client.call("status", {});
        await client.call("stop", { hurry });
        if (json) console.log(JSON.stringify({ name: stopped, pid }));
      },
    );
}
