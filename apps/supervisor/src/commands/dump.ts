// supervisor dump: shows what every coroutine waits on, and where a thread is stuck.
import type { Command } from "commander";
import { supervisorAddress } from "../arguments.ts";
import { connectTo } from "../running.ts";

interface DumpOptions {
  readonly name?: string;
  readonly locals?: boolean;
  readonly json?: boolean;
}

export function defineDump(program: Command): void {
  program
    .command("dump")
    .description("show what every coroutine waits on, for how long and where; of a thread that is stuck, its stack")
    .argument("[unit]", "only this: a process p2, a thread p2.t1, a coroutine p2.t1.c914, or a service (default: all)")
    .option("--locals", "show the coroutines' variables as well, which may hold secrets")
    .option(
      "--name <name>",
      "the supervisor's name (default: the one of this folder, or the only one)",
      supervisorAddress,
    )
    .option("--json", "print the dump as JSON")
    .addHelpText("after", "\nExample:\n  supervisor dump p2.t1")
    .action(async (unit: string | undefined, { name, locals = false, json }: DumpOptions) => {
      using client = await connectTo(name);
      const { services } = await client.call("dump", { ...(unit !== undefined && { unit }), locals });
      // Loaded here: it brings the coroutine package, which no other command needs.
      const { drawDump } = await import("../draw-dump.ts");
      console.log(json ? JSON.stringify(services, null, 2) : drawDump(services));
    });
}
