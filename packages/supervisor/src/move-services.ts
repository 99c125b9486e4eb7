// Moves the services of a running deployment to another revision, one after the other.
import { resolveTopology } from "@plait/config";
import { pinned, type Revision } from "./revision.ts";
import type { SupervisedService } from "./supervised-service.ts";
import type { ServiceEvent } from "./supervisor-event.ts";

export interface MoveOptions {
  readonly services: readonly SupervisedService[];
  readonly tell: (service: string, event: ServiceEvent) => void;
  /** Called when it fails and some units run the new revision already. */
  readonly onHalfway: () => void;
  /** Gives it up when it aborts. */
  readonly signal: AbortSignal;
}

/** @returns the names of the services whose processes took over the change and were not replaced */
export async function moveServices(revision: Revision, options: MoveOptions): Promise<readonly string[]> {
  const { services, onHalfway } = options;
  const before = services.map(({ config }) => config);
  const adjusted: string[] = [];
  try {
    for (const service of services)
      if (await moveService(service, revision, options)) adjusted.push(service.config.name);
    return adjusted;
  } catch (error) {
    if (services.some(({ config, isMixed }, index) => isMixed || config !== before[index])) onHalfway();
    throw error;
  }
}

/** @returns whether its processes took over the change */
async function moveService(
  service: SupervisedService,
  revision: Revision,
  { tell, signal }: MoveOptions,
): Promise<boolean> {
  const found = revision.deployment.services.find(({ name }) => name === service.config.name);
  const config = found ? pinned(revision, found) : service.config;
  const topology = resolveTopology(config.topology);
  const keys = service.liveChanges(config);
  if (keys) {
    await service.adjust(config, topology, signal);
    tell(config.name, { type: "adjusted", keys });
    return true;
  }
  tell(config.name, { type: "reloading" });
  try {
    await service.reload(config, topology, signal);
  } catch (error) {
    tell(config.name, { type: "reload-failed", reason: error instanceof Error ? error.message : String(error) });
    throw error;
  }
  tell(config.name, { type: "reloaded" });
  return false;
}
