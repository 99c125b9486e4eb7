// What a deployment asks for and this host does not allow.
import { formatSize, type MachineLimit, type ResolvedTopology, type ServiceConfig } from "@plait/config";
import type { HostLimits } from "./host.ts";

/** One thing that the host does not allow: which limit, and what to do about it. */
export interface Contradiction {
  /** Null when the services ask for too much together. */
  readonly service: string | null;
  readonly limit: "descriptors" | "somaxconn" | "memory";
  readonly text: string;
}

/** A service and what its topology comes to. */
export interface Asked {
  readonly config: ServiceConfig;
  readonly topology: ResolvedTopology;
}

/** What an idle connection takes with its coroutine, in bytes. Measured on Linux x64, Node 26: 14.4 KB. */
export const connectionFootprint = 14_400;

/** Descriptors that a process has open before its first connection: standard streams, IPC, event loops, modules. */
const processDescriptors = 64;

/**
 * Compares what the services ask for with what the host allows.
 *
 * @param memory the limit of the memory that decides
 */
export function contradictions(services: readonly Asked[], host: HostLimits, memory: MachineLimit): Contradiction[] {
  return [
    ...services.flatMap((service) => descriptors(service, host)),
    ...services.flatMap((service) => backlogs(service, host)),
    ...memoryOf(services, memory),
  ];
}

function descriptors({ config, topology }: Asked, { descriptors: allowed }: HostLimits): Contradiction[] {
  const lanes = Math.max(1, topology.threads);
  const needed = lanes * topology.coroutines + config.queue + config.listen.length + processDescriptors;
  if (allowed === null || needed <= allowed) return [];
  const text =
    `each process may have ${allowed} descriptors open (RLIMIT_NOFILE), and ${lanes} × ${topology.coroutines} connections ` +
    `need ${needed}; raise it to that (ulimit -n, LimitNOFILE=), or lower topology.coroutines to ` +
    `${Math.max(1, Math.floor((allowed - (needed - lanes * topology.coroutines)) / lanes))}`;
  return [{ service: config.name, limit: "descriptors", text }];
}

function backlogs({ config }: Asked, { somaxconn }: HostLimits): Contradiction[] {
  return config.listen.flatMap((listener): Contradiction[] => {
    if (listener.kind === "inherit" || somaxconn === null || listener.backlog <= somaxconn) return [];
    const text =
      `the kernel keeps ${somaxconn} connections of ${listener.name} that wait to be accepted (net.core.somaxconn), and its ` +
      `backlog is ${listener.backlog}; run "sysctl net.core.somaxconn=${listener.backlog}", or lower the backlog`;
    return [{ service: config.name, limit: "somaxconn", text }];
  });
}

function memoryOf(services: readonly Asked[], memory: MachineLimit): Contradiction[] {
  const value = (what: "footprint" | "connections") =>
    services.reduce((sum, { topology }) => sum + (topology.steps.find((step) => step.what === what)?.value ?? 0), 0);
  const connections = value("connections");
  const needed = value("footprint") + connections * connectionFootprint;
  if (needed <= memory.value) return [];
  const text =
    `${connections} idle connections and their units take at least ${formatSize(needed)}, and there are ` +
    `${formatSize(memory.value)} (${memory.source}); lower topology.coroutines, or give it more memory`;
  return [{ service: services.length === 1 ? (services[0]?.config.name ?? null) : null, limit: "memory", text }];
}
