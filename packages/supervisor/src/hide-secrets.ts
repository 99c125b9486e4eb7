// A configuration for others to see: without the passphrases of its keys.
import type { Deployment } from "@plait/config";

/** The deployment with every passphrase replaced by `"(hidden)"`. */
export function hideSecrets(deployment: Deployment): Deployment {
  return hide(deployment) as Deployment;
}

function hide(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hide);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [key, key === "passphrase" && held ? "(hidden)" : hide(held)]),
  );
}
