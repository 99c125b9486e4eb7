// Starts a supervisor in the background, and waits until it serves.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { addAbortSignal } from "node:stream";

/** What the supervisor in the background says when everything serves. */
const SERVING = "serving";
/** Tells the program that it is the one in the background. */
const VARIABLE = "PLAIT_DETACHED";

/** Whether this program was started by {@link startDetached}. */
export function isDetached(): boolean {
  return process.env[VARIABLE] !== undefined && process.send !== undefined;
}

/** Lets the program that started this one go: everything serves. */
export function letGo(): void {
  // Not for the service's own programs.
  delete process.env[VARIABLE];
  process.send?.(SERVING, () => process.disconnect?.());
}

/** It serves, or ended before it did. */
export type Detached = { readonly pid: number } | { readonly code: number; readonly said: string };

/** Runs this very command once more, in a session of its own, with no terminal. */
export async function startDetached(): Promise<Detached> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    env: { ...process.env, [VARIABLE]: "1" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const { stderr } = child;
  let said = "";
  const served = new AbortController();
  if (stderr) {
    addAbortSignal(served.signal, stderr).on("error", () => {});
    stderr.on("data", (text) => {
      said += text;
    });
  }
  const outcome = await Promise.race([
    once(child, "message").then(() => ({ pid: child.pid ?? 0 })),
    once(child, "close").then(([code]) => ({ code: (code as number | null) ?? 1, said })),
  ]);
  served.abort();
  child.unref();
  return outcome;
}
