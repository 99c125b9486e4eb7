// A contender that is a program which prints its values as one line of JSON.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Measurement } from "./benchmark.ts";
import { type Cores, pinned } from "./pin.ts";

const TIMEOUT_MS = 60_000;

/** Runs a program, on the server's core unless it is to have all. Rejects with what it wrote to stderr when it fails. */
export async function printed(command: readonly string[], cores: Cores = "server"): Promise<Measurement> {
  const [program, ...args] = pinned(cores, command);
  const { stdout } = await promisify(execFile)(program, args, { timeout: TIMEOUT_MS });
  return { values: JSON.parse(stdout) as Record<string, number> };
}
