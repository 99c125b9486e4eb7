// The --json of commands that change what runs: the status afterwards.
import type { ControlClient } from "@plait/supervisor";

/** The flag, and what it means. */
export const statusAfter = ["--json", "print the status afterwards as JSON"] as const;

export interface StatusAfterFlags {
  readonly json?: boolean;
}

/** Prints it, when it is asked for. */
export async function printStatusAfter(client: ControlClient, { json }: StatusAfterFlags): Promise<void> {
  if (json) console.log(JSON.stringify(await client.call("status", {}), null, 2));
}
