// Hosts one service in one unit: loads it, serves the sockets it is given, and brings it to an end.
import { Server, type Socket } from "node:net";
import { run } from "@plait/coroutine";
import type { AcceptRate } from "./accept-rate.ts";
import { CoroutineServing } from "./coroutine-serving.ts";
import { type ConnectionCounter, LocalCounter } from "./counter.ts";
import { checkHosted, checkHostedLimits } from "./hosted-options.ts";
import { HostedServing } from "./hosted-serving.ts";
import { Incoming } from "./incoming.ts";
import type { Limits } from "./limits.ts";
import { type Admitted, type Guest, Listener, type ListenerOptions } from "./listener.ts";
import { loadService, ServiceLoadError, ServiceStopError } from "./load-service.ts";
import { type ConnectionOutcome, noOutcomes, type OutcomeCounts } from "./outcome.ts";
import type { Service, ServiceMethods } from "./service.ts";
import type { ConnectionFacts, EndListener, OnError, Serving } from "./serving.ts";

/** Options of {@link openServiceHost}. */
export interface ServiceHostOptions {
  /** The unit it runs in: "p1.t2". Connection ids begin with it. */
  readonly unit: string;
  /** Receives every error that is the service's own. Default: one line on stderr. */
  readonly onError?: OnError;
  /** The service's listeners by name, with their options. A listener that is not named here has the defaults. */
  readonly listeners?: Readonly<Record<string, ListenerOptions>>;
  /** Counts what limits are about. Default: in this thread only; give a {@link SharedCounter} for all of a process. */
  readonly counter?: ConnectionCounter;
  /** Takes note of a listener's accept rate. Default: in this thread only; give a {@link SharedRate} for all of a process. */
  readonly rateOf?: (listener: string) => AcceptRate;
}

/** The listener of a socket that is served without naming one. */
const DEFAULT_LISTENER = "main";

/**
 * Imports a service's module, checks it, and runs its `start`. The host owns the service until `stop`.
 *
 * @param entry A path, relative to the working directory, or a file URL.
 * @throws {ServiceLoadError} The module can't be loaded, or its `start` failed.
 * @throws {NotAServiceError} Its default export is no service.
 * @throws {HostedOptionError} It is a server of Node's, and a listener has an option that does not apply to it.
 * @throws What reading a certificate or a list of trusted proxies of `options.listeners` throws.
 * @example
 * const host = await openServiceHost("./echo.ts", { unit: "p1.t1" });
 * const server = net.createServer().listen(8080, () => acceptFrom(server, (incoming) => host.serve(incoming)));
 */
export async function openServiceHost(entry: string | URL, options: ServiceHostOptions): Promise<ServiceHost> {
  const { file, exported } = await loadService(entry);
  const counter = options.counter ?? new LocalCounter();
  const listeners = new Map<string, Listener>();
  const hosted = exported instanceof Server;
  for (const [name, listener] of Object.entries({ [DEFAULT_LISTENER]: {}, ...options.listeners })) {
    if (hosted) checkHosted(name, listener);
    listeners.set(name, await Listener.open(name, listener, counter, options.rateOf?.(name)));
  }
  const { start } = exported as Partial<Service>;
  if (!hosted && start !== undefined) {
    try {
      await run(() => start.call(exported, { unit: options.unit }));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new ServiceLoadError(file, `failed in start(): ${message}`, error);
    }
  }
  return new ServiceHost(exported, listeners, options);
}

/** A service at work in one unit. It owns every socket given to {@link serve}. */
export class ServiceHost {
  /** How the connections that have ended did so. */
  readonly outcomes: Readonly<OutcomeCounts>;
  readonly #counts = noOutcomes();
  readonly #unit: string;
  readonly #service: Service | Server;
  readonly #onError: OnError;
  readonly #serving: Serving;
  readonly #listeners: ReadonlyMap<string, Listener>;
  readonly #idleWaiters: (() => void)[] = [];
  #total = 0;
  #admitted = 0;
  #connections = 0;
  #stopped: Promise<void> | undefined;
  #stopping = false;

  constructor(service: Service | Server, listeners: ReadonlyMap<string, Listener>, options: ServiceHostOptions) {
    this.#listeners = listeners;
    this.outcomes = this.#counts;
    this.#unit = options.unit;
    this.#service = service;
    this.#onError = options.onError ?? logToStderr;
    this.#serving =
      service instanceof Server
        ? new HostedServing(service, this.#onError)
        : new CoroutineServing(service, this.#onError);
  }

  /** What is known of a connection that a coroutine serves. */
  connectionOf(id: string): ConnectionFacts | undefined {
    return this.#serving.connectionOf(id);
  }

  /** What other units may call. */
  get methods(): ServiceMethods {
    return this.#service instanceof Server ? {} : (this.#service.methods ?? {});
  }

  /** Connections being served. */
  get connections(): number {
    return this.#connections;
  }

  /** Connections given to {@link serve} so far. */
  get total(): number {
    return this.#total;
  }

  /**
   * Serves one connection.
   *
   * @param connection An accepted or transferred socket nobody has read from, or what {@link acceptFrom} gives. The host owns
   * it from now on.
   * @param listener Name of the listener it was accepted on. Default "main".
   * @param ended Called once, when the connection has ended and its descriptor is gone. A callback and not a promise, which
   * would be memory of every idle connection.
   * @throws {RangeError} There is no such listener.
   */
  serve(
    connection: Socket | Incoming,
    listener: string = DEFAULT_LISTENER,
    ended?: (outcome: ConnectionOutcome) => void,
  ): void {
    const entrance = this.#listener(listener);
    this.#total++;
    this.#connections++;
    const incoming = connection instanceof Incoming ? connection : new Incoming(connection);
    entrance.admit(incoming, new Visit(this.#visits, ended));
  }

  /** Whether a listener's limit of connections leaves room for one more: accept only then to let the kernel queue. */
  hasRoom(listener: string = DEFAULT_LISTENER): boolean {
    return this.#listener(listener).admission.hasRoom;
  }

  /** Resolves once there is room. */
  room(listener: string = DEFAULT_LISTENER): Promise<void> {
    return this.#listener(listener).admission.room();
  }

  /**
   * Replaces a listener's limits. Connections that are open stay, and keep the least read rate that they began with.
   *
   * @throws {RangeError} There is no such listener.
   * @throws {InvalidArgumentError} A rate is none; the limits before it stay.
   * @throws {HostedOptionError} The service is a server of Node's, to which one of them does not apply.
   */
  setLimits(listener: string, limits: Limits): void {
    if (this.#service instanceof Server) checkHostedLimits(listener, limits);
    this.#listener(listener).setLimits(limits);
  }

  /** Reads all certificates again. Open connections keep the old ones. Rejects, and changes nothing, if one is broken. */
  async reloadTls(): Promise<void> {
    for (const listener of this.#listeners.values()) await listener.reloadTls();
  }

  /**
   * A stop is coming: `goodbye` runs for each connection, `conn.draining` turns true, keep-alive HTTP connections are
   * told to close. Connections that still arrive are served. Idempotent.
   */
  drain(): void {
    this.#serving.drain();
  }

  /** Resolves when no connection is being served. */
  async idle(): Promise<void> {
    if (this.#connections > 0) await new Promise<void>((resume) => this.#idleWaiters.push(resume));
  }

  /** Cancels every coroutine and cuts off what is left; resolves when all have ended. */
  async cancel(reason?: unknown): Promise<void> {
    for (const listener of this.#listeners.values()) listener.cancel();
    await this.#serving.cancel(reason);
    await this.idle();
  }

  /** Runs the service's `stop`, once. Call it when the host is idle. What `stop` throws is reported to `onError`. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** Whether the service's `stop` has begun and not ended. */
  get stopping(): boolean {
    return this.#stopping;
  }

  #listener(name: string): Listener {
    const listener = this.#listeners.get(name);
    if (listener === undefined) throw new RangeError(`The service has no listener "${name}". Name it in listeners.`);
    return listener;
  }

  /** One for all visits. */
  readonly #visits: Visits = {
    admitted: (entry, visit) => this.#serving.serve(entry, `${this.#unit}.c${++this.#admitted}`, visit),
    left: (outcome) => {
      this.#counts[outcome]++;
      if (--this.#connections === 0) for (const resume of this.#idleWaiters.splice(0)) resume();
    },
  };

  async #stop(): Promise<void> {
    const service = this.#service;
    if (service instanceof Server) {
      await new Promise<void>((resolve) => service.close(() => resolve()));
      return;
    }
    this.#stopping = true;
    try {
      await run(function stop() {
        return service.stop?.();
      });
    } catch (error) {
      this.#onError(new ServiceStopError(error), undefined);
    } finally {
      this.#stopping = false;
    }
  }
}

function logToStderr(error: unknown, where: { id: string; peer: string } | undefined): void {
  console.error(where === undefined ? "The service failed:" : `${where.id} from ${where.peer} failed:`, error);
}

/** What a host does with visits. */
interface Visits {
  admitted(entry: Admitted, visit: Visit): void;
  left(outcome: ConnectionOutcome): void;
}

/** A connection as its host knows it. One small object, not closures: it is memory of every idle one. */
class Visit implements Guest, EndListener {
  readonly #visits: Visits;
  readonly #ended: ((outcome: ConnectionOutcome) => void) | undefined;
  #leave: (() => void) | undefined;

  constructor(visits: Visits, ended: ((outcome: ConnectionOutcome) => void) | undefined) {
    this.#visits = visits;
    this.#ended = ended;
  }

  admitted(entry: Admitted): void {
    this.#leave = entry.leave;
    this.#visits.admitted(entry, this);
  }

  refused(outcome: ConnectionOutcome): void {
    this.ended(outcome);
  }

  ended(outcome: ConnectionOutcome): void {
    this.#leave?.();
    this.#visits.left(outcome);
    this.#ended?.(outcome);
  }
}
