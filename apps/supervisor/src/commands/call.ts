// supervisor call: calls a method of a service in one of its units.
import { type Command, InvalidArgumentError } from "commander";
import { duration, supervisorAddress } from "../arguments.ts";
import { connectTo } from "../running.ts";

interface CallFlags {
  readonly timeout: number;
  readonly name?: string;
}

export function defineCall(program: Command): void {
  program
    .command("call")
    .description("call a method of a service in one of its units, and print what it answers as JSON")
    .argument("<unit>", "the thread, such as p2.t1, or the process where there are no threads")
    .argument("<method>", "its name among the service's methods")
    .argument("[args...]", "its arguments, as JSON each; what is no JSON is taken as text", argument)
    .option("--timeout <time>", "how long it may take", duration, 30_000)
    .option(
      "--name <name>",
      "the supervisor's name (default: the one of this folder, or the only one)",
      supervisorAddress,
    )
    .option("--json", "as always: the answer is JSON")
    .addHelpText("after", "\nExample:\n  supervisor call p1.t1 kick '{\"user\": 17}'")
    .action(async (unit: string, method: string, args: unknown[] = [], { timeout, name }: CallFlags) => {
      using client = await connectTo(name);
      const { result } = await client.call("call", { unit, method, args, timeout });
      console.log(JSON.stringify(result, null, 2));
    });
}

function argument(text: string, before: unknown[] = []): unknown[] {
  try {
    return [...before, JSON.parse(text)];
  } catch {
    if (/^[[{"]/.test(text)) throw new InvalidArgumentError("It looks like JSON and is not.");
    return [...before, text];
  }
}
