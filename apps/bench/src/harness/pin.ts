// Keeps programs to cores: the server under test to the first one, the load to the second.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** Which cores a program gets. */
export type Cores = "server" | "load" | "any";

/** Whether programs can be kept to cores here: two cores, and a `taskset`. */
export const canPin: boolean = availableParallelism() >= 2 && spawnSync("taskset", ["-c", "0,1", "true"]).status === 0;

/** Puts `taskset` before a command, where the machine allows. */
export function pinned(cores: Cores, command: readonly string[]): [string, ...string[]] {
  const [program = "", ...args] = command;
  if (!canPin || cores === "any") return [program, ...args];
  return ["taskset", "-c", cores === "server" ? "0" : "1", program, ...args];
}
