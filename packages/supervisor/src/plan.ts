// What a reload would touch: the shape of `supervisor plan --json`.
import { type Deployment, diffConfig, diffDeployment, type KeyChange, type ServiceChange } from "@plait/config";
import { hideSecrets } from "./hide-secrets.ts";

export interface Plan {
  readonly name: string;
  /** The configuration file that the running one was compared with; null for a module with flags. */
  readonly file: string | null;
  /** Keys for all services that differ: they take a restart of the supervisor. */
  readonly keys: readonly KeyChange[];
  readonly changes: readonly ServiceChange[];
}

/** Compares what runs with what would. */
export function planFor(running: Deployment, fresh: Deployment): Plan {
  return {
    name: running.name,
    file: fresh.file ?? null,
    keys: diffDeployment(running, fresh),
    changes: diffConfig(hideSecrets(running), hideSecrets(fresh)),
  };
}
