// One service of a deployment: its listening sockets, and the processes that serve from them.
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError, type ResolvedTopology, type ServiceConfig } from "@plait/config";
import type { UnitEvent } from "@plait/policy";
import { ListeningSocket } from "@plait/process";
import type { BodyEvent, BodyOptions } from "./body.ts";
import { InProcess } from "./in-process.ts";
import { InProcesses } from "./in-processes.ts";
import { listenerSetup } from "./listener-setup.ts";
import type { ServiceStatus } from "./status.ts";

export interface SupervisedServiceOptions {
  readonly config: ServiceConfig;
  readonly topology: ResolvedTopology;
  /** The slots' ids: one for each process, or a single one for the supervisor's own process. */
  readonly units: readonly string[];
  readonly onEvent: (event: UnitEvent | BodyEvent) => void;
  /** Called once, when the service's units were restarted too often. */
  readonly onGaveUp: (reason: string) => void;
}

interface Bound {
  readonly name: string;
  readonly socket: ListeningSocket;
  readonly backlog: number;
}

/** Owns the sockets and the units until `stop` has resolved. */
export class SupervisedService {
  readonly config: ServiceConfig;
  readonly #topology: ResolvedTopology;
  readonly #bound: readonly Bound[];
  readonly #served: InProcess | InProcesses;

  private constructor(options: SupervisedServiceOptions, bound: readonly Bound[], served: InProcess | InProcesses) {
    this.config = options.config;
    this.#topology = options.topology;
    this.#bound = bound;
    this.#served = served;
  }

  /**
   * Binds, then starts the units; resolves when all of them serve. On failure nothing stays bound or running.
   *
   * @throws {BindError} when an address can't be bound
   * @throws {ProcessStartError | ThreadStartError | ServiceLoadError} when a unit can't start
   */
  static async start(options: SupervisedServiceOptions): Promise<SupervisedService> {
    const bound: Bound[] = [];
    try {
      for (const listener of options.config.listen) {
        const backlog = listener.kind === "inherit" ? INHERITED_BACKLOG : listener.backlog;
        const socket = await ListeningSocket.bind(listener);
        bound.push({ name: listener.name, backlog, socket });
        if (socket.port === undefined && options.topology.threads > 0) throw noThreadsFor(socket.address);
      }
      return new SupervisedService(options, bound, await serve(options, bound));
    } catch (error) {
      for (const { socket } of bound) socket.close();
      throw error;
    }
  }

  get listeners(): readonly { readonly name: string; readonly address: string }[] {
    return this.#bound.map(({ name, socket }) => ({ name, address: socket.address }));
  }

  async status(): Promise<ServiceStatus> {
    const { name, entry } = this.config;
    const { processes, threads, coroutines } = this.#topology;
    return {
      name,
      entry,
      topology: { processes, threads, coroutines },
      listeners: this.listeners,
      processes: await this.#served.status(),
    };
  }

  /** Accepts no more, finishes what is in flight within the configured budget, and ends every unit. */
  async stop(hurry: AbortSignal): Promise<void> {
    // Go on accepting for a while: a load balancer may send clients here until it has taken note.
    await sleep(this.config.stop.preDrain, undefined, { signal: hurry }).catch(() => {});
    for (const { socket } of this.#bound) socket.close();
    await this.#served.stop(this.config.stop, hurry);
  }
}

function noThreadsFor(address: string): ConfigError {
  const text =
    `listen has the unix socket ${address}, and Node can't hand a unix socket's connections to threads; ` +
    "write topology.threads: 0, and as many processes as you want cores to be used.";
  return new ConfigError([{ key: "listen", text }]);
}

/** Whoever made an inherited socket listens already; Node wants a number all the same. */
const INHERITED_BACKLOG = 511;

function serve(options: SupervisedServiceOptions, sockets: readonly Bound[]): Promise<InProcess | InProcesses> {
  const { config, topology, units, onEvent, onGaveUp } = options;
  const body: BodyOptions = {
    entry: config.entry,
    listeners: config.listen.map(listenerSetup),
    threads: topology.threads,
    coroutines: topology.coroutines,
    queue: config.queue,
    startTimeout: config.start.timeout,
    restart: config.restart.thread,
  };
  const onTold = (_unit: string, event: BodyEvent) => onEvent(event);
  if (topology.processes === 0) {
    const [unit = "p1"] = units;
    return InProcess.start({ unit, body, sockets, onTold, onGaveUp });
  }
  return InProcesses.start({
    units,
    body,
    sockets,
    // A process is ready after its threads: give it their time and its own.
    startTimeout: config.start.timeout * 2,
    restart: config.restart.process,
    onTold,
    onEvent: (event) => {
      onEvent(event);
      if (event.type === "gave-up") onGaveUp(event.reason);
    },
  });
}
