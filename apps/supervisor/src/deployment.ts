// What "supervisor start" runs: a configuration file, or a module with flags.
import { statSync } from "node:fs";
import { basename, extname } from "node:path";
import { type ConfigInput, type Deployment, loadConfig, parseConfig } from "@plait/config";

export interface StartFlags {
  readonly processes?: number;
  readonly threads?: number;
  readonly coroutines?: number;
  readonly listen?: string;
  readonly name?: string;
}

/**
 * Reads the target of "supervisor start"; flags win over what it says.
 *
 * @param target a service's module, a configuration file, or a folder with one; default: the working directory
 * @throws {ConfigError} when there is no such file, or it can't be used
 */
export async function startDeployment(target = ".", flags: StartFlags): Promise<Deployment> {
  const set: Record<string, unknown> = {};
  for (const key of ["processes", "threads", "coroutines"] as const) {
    if (flags[key] !== undefined) set[`topology.${key}`] = flags[key];
  }
  if (flags.listen !== undefined) set.listen = flags.listen;
  const deployment = isConfig(target)
    ? await loadConfig(target, { set })
    : parseConfig({ entry: target } satisfies ConfigInput, { env: process.env, set });
  return flags.name === undefined ? deployment : { ...deployment, name: flags.name };
}

function isConfig(target: string): boolean {
  return (
    basename(target).startsWith("supervisor.config.") ||
    [".json", ".yaml", ".yml"].includes(extname(target)) ||
    statSync(target, { throwIfNoEntry: false })?.isDirectory() === true
  );
}
