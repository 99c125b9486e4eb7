// The flags that say what to serve: "start" takes them, and "check" and "plan" take the same.
import type { Command } from "commander";
import { atLeast, supervisorName } from "./arguments.ts";

/** Adds the target and the flags that win over a configuration to a command. */
export function takesDeployment(command: Command): Command {
  return command
    .argument("[target]", "a service's module, a configuration file, or a folder with one (default: this folder)")
    .option("-p, --processes <n>", "processes; 0 serves in the supervisor's own", atLeast(0))
    .option("-t, --threads <n>", "threads of each process; 0 serves on its main thread", atLeast(0))
    .option("-c, --coroutines <n>", "connections that each thread serves at once", atLeast(1))
    .option("-l, --listen <address>", "host:port, :port, or the path of a unix socket")
    .option("--name <name>", "the supervisor's name, for the other commands", supervisorName);
}
