// What a deployment ran at some time: its configuration, and the files that its services were loaded from.
import { realpathSync } from "node:fs";
import type { Deployment, ServiceConfig } from "@plait/config";

/**
 * An entry that lies behind a symbolic link, such as `current/echo.js`, is kept as what the link pointed to: a process
 * that is restarted between two reloads runs the release of the others, and a rollback finds the release before.
 */
export interface Revision {
  readonly deployment: Deployment;
  /** When it was read, in ms since the epoch. */
  readonly at: number;
  /** The real path of each service's module, by the service's name. */
  readonly entries: ReadonlyMap<string, string>;
}

export function revisionOf(deployment: Deployment): Revision {
  const entries = new Map(deployment.services.map(({ name, entry }) => [name, realEntry(entry)]));
  return { deployment, at: Date.now(), entries };
}

/** A service's configuration with its module as it was then. */
export function pinned({ entries }: Revision, config: ServiceConfig): ServiceConfig {
  return { ...config, entry: entries.get(config.name) ?? config.entry };
}

function realEntry(entry: string): string {
  try {
    return realpathSync(entry);
  } catch {
    // Whoever loads it says what is wrong with it.
    return entry;
  }
}
