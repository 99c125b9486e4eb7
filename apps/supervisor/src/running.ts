// Finds the running supervisor that a command means.
import { existsSync } from "node:fs";
import { configFiles } from "@plait/config/files";
import { ControlClient, ControlError, controlNames, NotRunningError } from "@plait/supervisor/client";

/**
 * Connects to the supervisor with that name, or at that path of a control socket; without a name, to the one that this folder's configuration describes, or
 * to the only one that runs.
 */
export async function connectTo(name: string | undefined): Promise<ControlClient> {
  if (name?.includes("/")) return ControlClient.open(name);
  if (name !== undefined) return ControlClient.connect(name);
  if (hasConfig()) return ControlClient.connect(await configuredName());
  const alive: ControlClient[] = [];
  const names: string[] = [];
  for (const candidate of controlNames()) {
    const client = await ControlClient.connect(candidate).catch(() => undefined);
    if (!client) continue;
    alive.push(client);
    names.push(candidate);
  }
  const [only, ...others] = alive;
  if (only && others.length === 0) return only;
  for (const client of alive) client.close();
  if (!only) throw new NoneRunningError();
  throw new ControlError(`several supervisors are running, so say which one: ${names.join(", ")}`);
}

/** Whether this folder has a configuration. */
export function hasConfig(): boolean {
  return configFiles.some((file) => existsSync(file));
}

/** Whether the supervisor that this folder's configuration describes runs. */
export async function isRunning(): Promise<boolean> {
  try {
    using _ = await ControlClient.connect(await configuredName());
    return true;
  } catch (error) {
    if (error instanceof NotRunningError) return false;
    throw error;
  }
}

/** The name of the supervisor that this folder's configuration describes. */
async function configuredName(): Promise<string> {
  const { loadConfig } = await import("@plait/config");
  return (await loadConfig()).name;
}

class NoneRunningError extends Error {
  override readonly name = "NoneRunningError";
  readonly code = "ERR_PLAIT_NOT_RUNNING";

  constructor() {
    super("no supervisor is running");
  }
}
