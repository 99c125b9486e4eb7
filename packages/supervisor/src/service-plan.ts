// What a service's configuration means for its processes: plain data, it crosses to them.
import { acceptWay, type ResolvedTopology, readMachine, type ServiceConfig, smallest } from "@plait/config";
import type { BodyOptions } from "./body.ts";
import { identityOf } from "./identity.ts";
import type { ProcessPlan } from "./in-processes.ts";
import { type ListenerSetup, listenerSetup } from "./listener-setup.ts";
import type { ServiceSockets } from "./service-sockets.ts";

/**
 * What its processes do with each listener, in their order.
 *
 * @throws {ConfigError} when a listener's connections have no way to the threads
 */
export function setupsOf(
  config: ServiceConfig,
  topology: ResolvedTopology,
  sockets: ServiceSockets,
  suspended: ReadonlySet<string>,
): readonly ListenerSetup[] {
  return config.listen.map((listener, index) => {
    const isUnix = sockets.bound[index]?.socket.port === undefined;
    const direct = acceptWay(listener, isUnix, topology) === "direct";
    return listenerSetup(listener, { suspended: suspended.has(listener.name), direct });
  });
}

/** How its processes are started. */
export function planOf(
  config: ServiceConfig,
  topology: ResolvedTopology,
  sockets: ServiceSockets,
  listeners: readonly ListenerSetup[],
): ProcessPlan {
  const body: BodyOptions = {
    entry: config.entry,
    listeners,
    threads: topology.threads,
    coroutines: topology.coroutines,
    queue: config.queue,
    placement: config.placement,
    offload: {
      threads: config.offload.threads === "auto" ? computeThreads() : config.offload.threads,
      queue: config.offload.queue,
      nice: config.offload.nice,
      heap: config.limits.threadHeap,
    },
    startTimeout: config.start.timeout,
    restart: config.restart.thread,
    watchdog: config.watchdog,
    threadHeap: config.limits.threadHeap,
    recycle: {
      marks: { memory: config.recycle.threadHeap, age: config.recycle.threadAge },
      minLifetime: config.recycle.minLifetime,
      budget: { drain: config.stop.drain, cancel: config.stop.cancel },
    },
  };
  // A process is ready after its threads, where it has any: give it their time and its own.
  const startTimeout = config.start.timeout * (topology.threads === 0 ? 1 : 2);
  const hangTimeout = config.watchdog.process;
  return { body, sockets: sockets.bound, startTimeout, hangTimeout, identity: identityOf(config) };
}

/** As `ComputePool` has it by itself, but by what the cgroup leaves. */
function computeThreads(): number {
  return Math.ceil(smallest(readMachine().cores).value) + 1;
}
