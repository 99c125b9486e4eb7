// Overrides from the environment, by one rule: PLAIT_<SERVICE>__<KEY>__<KEY>=value.

import { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { schemaAt, unwrap } from "./key.ts";
import { noSuchKey } from "./problems.ts";
import { serviceSchema } from "./schema.ts";

/** A variable that changes a key. */
export interface EnvironmentOverride {
  readonly variable: string;
  readonly service: string;
  /** Key path below the service, such as `["topology", "processes"]`. */
  readonly path: readonly string[];
  readonly value: unknown;
}

/**
 * The overrides in `env` for the services named.
 *
 * `PLAIT_ECHO__TOPOLOGY__PROCESSES=4` sets `topology.processes` of the service `echo`. Names are compared without regard
 * to case, `-` and `_`, so `healthyAfter` is `HEALTHY_AFTER`. The value is read as JSON where it is JSON, else as text.
 * A variable that names none of the services is left alone: it may belong to another deployment.
 *
 * @throws {ConfigError} if a variable names a service, but no key of it
 */
export function readOverrides(
  env: Readonly<Record<string, string | undefined>>,
  services: readonly string[],
): EnvironmentOverride[] {
  const overrides: EnvironmentOverride[] = [];
  const problems: { key: string; text: string }[] = [];
  for (const [variable, text] of Object.entries(env)) {
    const [owner = "", ...steps] = /^PLAIT_(.+)$/.exec(variable)?.[1]?.split("__") ?? [];
    const [service, ...others] = services.filter((name) => plain(name) === plain(owner));
    if (service === undefined || steps.length === 0 || text === undefined) continue;
    if (others.length > 0) {
      const text = `${variable} may mean ${[service, ...others].join(" or ")}; give them names that differ in letters or digits.`;
      problems.push({ key: "", text });
      continue;
    }
    const path: string[] = [];
    for (const step of steps) {
      const at = schemaAt(serviceSchema, path);
      const within = at && unwrap(at);
      const names = within instanceof z.ZodObject ? Object.keys(within.shape) : undefined;
      // Below `listen` the names are the user's own.
      const name = names ? names.find((name) => plain(name) === plain(step)) : path[0] === "listen" ? step : undefined;
      if (name === undefined) {
        const where = path.length === 0 ? `service ${service}` : path.join(".");
        const text = noSuchKey(`${variable}: ${where}`, step.toLowerCase(), names ?? []);
        problems.push({ key: path.join("."), text });
        break;
      }
      path.push(name);
    }
    if (path.length === steps.length) overrides.push({ variable, service, path, value: readValue(text) });
  }
  if (problems.length > 0) throw new ConfigError(problems, { file: "environment" });
  return overrides;
}

function plain(name: string): string {
  return name.replaceAll(/[-_]/g, "").toLowerCase();
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
