// supervisor scale: changes the number of processes while they serve.
import type { Command } from "commander";
import { atLeast } from "../arguments.ts";
import { connectTo } from "../running.ts";

export function defineScale(program: Command): void {
  program
    .command("scale")
    .description("add processes, or drain and end some, until there are n; a reload goes back to the configured number")
    .argument("<n>", "how many processes", atLeast(1))
    .argument("[name]", "the supervisor's name (default: the one of this folder, or the only one that runs)")
    .option("--service <service>", "which service, when the supervisor has several")
    .addHelpText("after", "\nExample:\n  supervisor scale 4 echo")
    .action(async (processes: number, name: string | undefined, { service }: { service?: string }) => {
      using client = await connectTo(name);
      await client.call("scale", { processes, ...(service !== undefined && { service }) });
    });
}
