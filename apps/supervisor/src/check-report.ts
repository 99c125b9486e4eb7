// What "supervisor check" finds out about a deployment: the data that --json prints.
import {
  type AcceptWay,
  acceptWays,
  type Deployment,
  type LogsConfig,
  type ReadersSocket,
  readMachine,
  resolveTopology,
  type ServiceConfig,
  smallest,
  type TopologyStep,
} from "@plait/config";
import { shutdownTotal, type WorstCaseStep, worstCase } from "@plait/policy";
import { type Contradiction, contradictions } from "./contradictions.ts";
import { type HostLimits, readHostLimits } from "./host.ts";

/** One service: what it is configured to be, and what that comes to on this host. */
export interface CheckedService {
  /** Every default filled in; durations in ms. */
  readonly config: ServiceConfig;
  readonly topology: { readonly processes: number; readonly threads: number; readonly coroutines: number };
  /** Which way connections take, by listener. */
  readonly accept: Readonly<Record<string, AcceptWay>>;
  /** How `auto` came to the topology. */
  readonly arithmetic: readonly TopologyStep[];
  /** The most restarts of each tier before the supervisor gives up, if nothing ever becomes healthy. */
  readonly worstCaseRestarts: readonly WorstCaseStep[];
  /** The longest that a stop takes, in ms. */
  readonly shutdownMs: number;
}

/** The shape of `supervisor check --json`. */
export interface CheckReport {
  readonly name: string;
  /** Absolute path of the configuration file; null for a module with flags. */
  readonly file: string | null;
  /** The environment variables that changed it. */
  readonly overrides: readonly string[];
  readonly services: readonly CheckedService[];
  /** Address of health and metrics; null: off. */
  readonly health: string | null;
  readonly logs: LogsConfig;
  /** The control socket for readers; null: none. */
  readonly readers: ReadersSocket | null;
  readonly host: HostLimits;
  readonly contradictions: readonly Contradiction[];
}

/**
 * Works out what a deployment comes to on this host.
 *
 * @throws {ConfigError} when a topology needs more memory than there is, or connections have no way to its threads
 */
export function checkDeployment(deployment: Deployment): CheckReport {
  const machine = readMachine();
  const host = readHostLimits();
  const asked = deployment.services.map((config) => ({ config, topology: resolveTopology(config.topology, machine) }));
  return {
    name: deployment.name,
    file: deployment.file ?? null,
    overrides: deployment.overrides.map(({ variable }) => variable),
    services: asked.map(({ config, topology: { steps, ...topology } }) => ({
      config,
      topology,
      accept: Object.fromEntries(acceptWays(config, topology).map((way, index) => [config.listen[index]?.name, way])),
      arithmetic: steps,
      worstCaseRestarts: worstCase(topology, config.restart),
      shutdownMs: shutdownTotal(config.stop),
    })),
    health: deployment.health?.listen.name ?? null,
    logs: deployment.logs,
    readers: deployment.control.readers ?? null,
    host,
    contradictions: contradictions(asked, host, smallest(machine.memory)),
  };
}
