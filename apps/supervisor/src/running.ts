// Finds the running supervisor that a command means.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { configFiles } from "@plait/config/files";
import { ControlClient, ControlError, controlNames, NotRunningError } from "@plait/supervisor/client";

/**
 * Connects to the supervisor with that name, or at that path of a control socket; without a name, to the one that this folder's configuration describes, or
 * to the only one that runs.
 */
export async function connectTo(name: string | undefined): Promise<ControlClient> {
  if (name?.includes("/")) return ControlClient.open(name);
  if (name !== undefined) return ControlClient.connect(name);
  if (hasConfig()) return connectToConfigured();
  const alive = await everyAlive();
  const [only, ...others] = alive;
  if (only && others.length === 0) return only.client;
  for (const { client } of alive) client.close();
  if (!only) throw new NoneRunningError();
  throw new ControlError(
    `several supervisors are running, so say which one: ${alive.map(({ name }) => name).join(", ")}`,
  );
}

/** A configuration that was broken since still leads to the supervisor that was started from it. */
async function connectToConfigured(): Promise<ControlClient> {
  const name = await configuredName().catch((error: unknown) => ({ error }));
  if (typeof name === "string") return ControlClient.connect(name);
  let found: ControlClient | undefined;
  for (const { client } of await everyAlive()) {
    const { file } = await client.call("configuration", {}).catch(() => ({ file: undefined }));
    if (!found && file !== undefined && dirname(file) === process.cwd()) found = client;
    else client.close();
  }
  if (!found) throw name.error;
  return found;
}

/** Every supervisor of this user that answers. */
async function everyAlive(): Promise<readonly { readonly name: string; readonly client: ControlClient }[]> {
  const connected = controlNames().map(async (name) => {
    const client = await ControlClient.connect(name).catch(() => undefined);
    return client ? [{ name, client }] : [];
  });
  return (await Promise.all(connected)).flat();
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
