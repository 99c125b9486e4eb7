// One service of a deployment: its listening sockets, and the processes that serve from them.
import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { diffService, type ResolvedTopology, type ServiceConfig } from "@plait/config";
import type { Exit, UnitEvent } from "@plait/policy";
import type { OutputStream } from "@plait/process";
import type { Recording } from "@plait/thread";
import type { BodyEvent, RecycleEvent } from "./body.ts";
import type { ServiceDump } from "./dump.ts";
import { ReloadError, RestartNeededError, SuspendError, UnknownNameError } from "./errors.ts";
import type { Readiness } from "./health/readiness.ts";
import type { InProcess } from "./in-process.ts";
import { InProcesses } from "./in-processes.ts";
import { changedSetup, type ListenerSetup, listenerSetup } from "./listener-setup.ts";
import { Recycler } from "./recycler.ts";
import { planOf, setupsOf } from "./service-plan.ts";
import { ServiceRestarts } from "./service-restarts.ts";
import type { ServiceSlots } from "./service-slots.ts";
import { ServiceSockets } from "./service-sockets.ts";
import { startServing } from "./start-serving.ts";
import type { ListenerStatus } from "./status.ts";
import type { UnitNames } from "./unit-names.ts";

export interface SupervisedServiceOptions {
  readonly config: ServiceConfig;
  readonly topology: ResolvedTopology;
  /** Gives the slots their ids: one for each process, or a single one for the supervisor's own process. */
  readonly names: UnitNames;
  /** Called with what happened to a unit, and to which process it belongs. */
  readonly onEvent: (event: UnitEvent | BodyEvent, process: Incarnation) => void;
  /** Called with every line that a process writes; `readLine` tells which of its threads it is from. */
  readonly onOutput: (process: Incarnation, stream: OutputStream, line: string) => void;
  readonly onRecycle: (event: RecycleEvent) => void;
  /** Called when its processes were restarted too often, and all of them will be started again. */
  readonly onBackoff: (delayMs: number, attempt: number, reason: string) => void;
  /** Called once, when the service itself was restarted too often. */
  readonly onGaveUp: (reason: string) => void;
  /** What is in flight is given up when it aborts. */
  readonly hurry: AbortSignal;
}

/** One process of a slot. */
export interface Incarnation {
  readonly unit: string;
  readonly incarnation: number;
}

/** Owns the sockets and the units until `stop` has resolved. */
export class SupervisedService {
  readonly #options: SupervisedServiceOptions;
  #config: ServiceConfig;
  #topology: ResolvedTopology;
  #sockets: ServiceSockets;
  readonly #served: InProcess | InProcesses;
  readonly #restarts: ServiceRestarts;
  #recycler: Recycler | undefined;
  /** Names of the listeners that are suspended. */
  #suspended: ReadonlySet<string> = new Set();
  /** When the module that it runs was written; see {@link writtenAt}. */
  #written: number | undefined;
  #isMixed = false;

  private constructor(
    options: SupervisedServiceOptions,
    sockets: ServiceSockets,
    served: InProcess | InProcesses,
    restarts: ServiceRestarts,
    written: number | undefined,
  ) {
    this.#restarts = restarts;
    this.#written = written;
    this.#options = options;
    this.#config = options.config;
    this.#topology = options.topology;
    this.#sockets = sockets;
    this.#served = served;
    this.#recycler = this.#newRecycler();
  }

  /**
   * Binds, then starts the units; resolves when all of them serve. On failure nothing stays bound or running.
   *
   * @throws {BindError} when an address can't be bound
   * @throws {ProcessStartError | ThreadStartError | ServiceLoadError} when a unit can't start
   */
  static async start(options: SupervisedServiceOptions): Promise<SupervisedService> {
    const sockets = await ServiceSockets.bind(options.config.listen);
    try {
      const { config, onBackoff, onGaveUp } = options;
      let served: InProcess | InProcesses | undefined;
      const restarts = new ServiceRestarts({
        name: config.name,
        limits: config.restart.service,
        restart: () => {
          if (served instanceof InProcesses) void served.revive();
        },
        onBackoff,
        onGaveUp,
      });
      const written = writtenAt(config.entry);
      served = await startServing(options, sockets, restarts);
      return new SupervisedService(options, sockets, served, restarts, written);
    } catch (error) {
      sockets.close();
      throw error;
    }
  }

  get config(): ServiceConfig {
    return this.#config;
  }

  /** Whether a reload failed half-way: some processes run the new configuration, others the old. */
  get isMixed(): boolean {
    return this.#isMixed;
  }

  get listeners(): readonly ListenerStatus[] {
    return this.#sockets.addresses.map((listener) => ({
      ...listener,
      suspended: this.#suspended.has(listener.name),
    }));
  }

  /** How many processes it has; 0: it is served by the supervisor's own. */
  get processes(): number {
    return this.#served instanceof InProcesses ? this.#served.units.length : 0;
  }

  /** Ids of its processes; the supervisor's own counts as one. */
  get units(): readonly string[] {
    return this.#served.units;
  }

  /** Calls a method of the service in one of its units, within so many ms. */
  call(unit: string, method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    return this.#served.call(unit, method, args, timeout);
  }

  /** What is known without asking a process. */
  get readiness(): Readiness["services"][number] {
    const processes = Math.max(1, this.processes);
    return { name: this.config.name, ready: this.#served.ready, processes };
  }

  async status(): Promise<ServiceSlots> {
    const { name, entry } = this.#config;
    const { threads, coroutines } = this.#topology;
    return {
      name,
      entry,
      topology: { processes: this.processes, threads, coroutines },
      listeners: this.listeners,
      processes: await this.#served.status(),
      kept: this.#served.kept,
      removed: this.#served.removed,
    };
  }

  async dump(locals: boolean): Promise<ServiceDump> {
    return { name: this.#config.name, processes: await this.#served.dump(locals) };
  }

  /** Writes a profile or a snapshot of one of its units to a file; see `Supervisor.record`. */
  record(unit: string, recording: Recording, file: string): Promise<void> {
    return this.#served.record(unit, recording, file);
  }

  /**
   * What a reload with this configuration changes, if that can be done to the processes that serve: nothing but keys that
   * are `live`, and the service's module is the one that they run.
   */
  liveChanges(config: ServiceConfig): readonly string[] | undefined {
    const { change, keys } = diffService(this.#config, config);
    const isSame = this.#written !== undefined && this.#written === writtenAt(config.entry);
    return change === "live" && isSame && !this.#isMixed ? keys.map(({ key }) => key) : undefined;
  }

  /**
   * Takes over a configuration that {@link liveChanges}, and replaces no process.
   *
   * @throws {ProcessStartError | ThreadStartError} when an additional process or thread can't start
   */
  async adjust(config: ServiceConfig, topology: ResolvedTopology, signal: AbortSignal): Promise<void> {
    this.#config = config;
    await this.#update();
    if (topology.threads !== this.#topology.threads) await this.scaleThreads(topology.threads);
    this.#topology = topology;
    if (!(this.#served instanceof InProcesses)) return;
    this.#served.restart = config.restart.process;
    this.#restarts.limits = config.restart.service;
    this.#recycler?.close();
    this.#recycler = this.#newRecycler();
    await this.#served.keep(config.reload.keep, this.#ending(config, "replaced by a reload"));
    await this.scale(topology.processes, signal);
  }

  /**
   * Leaves the connections of a listener in the kernel's queue, or accepts them again, until told otherwise; restarts and
   * reloads change nothing about it. Connections that are open go on. Resolves when every process has taken note.
   *
   * @param name Default: every listener of the service
   * @returns the names of the listeners
   * @throws {UnknownNameError} when it has no listener of that name
   * @throws {SuspendError} for a unix socket that the supervisor's own process serves
   */
  async suspend(suspended: boolean, name?: string): Promise<readonly string[]> {
    const chosen = this.#sockets.bound.filter((listener) => name === undefined || listener.name === name);
    const names = chosen.map((listener) => listener.name);
    if (name !== undefined && names.length === 0) {
      throw new UnknownNameError(
        "listener",
        name,
        this.#sockets.bound.map((listener) => listener.name),
      );
    }
    const unix = chosen.find(({ socket }) => socket.port === undefined);
    if (suspended && unix && this.processes === 0) throw new SuspendError(`${this.#config.name}/${unix.name}`);
    const wanted = new Set(names);
    this.#suspended = suspended ? this.#suspended.union(wanted) : this.#suspended.difference(wanted);
    await this.#update();
    return names;
  }

  /**
   * Has every process read the certificates of its TLS listeners again. Connections that are open keep what they began
   * with.
   *
   * @throws {Error} when one can't be used; the old ones stay in use
   */
  reloadCertificates(): Promise<void> {
    return this.#served.reloadTls();
  }

  /** Tells the processes what has changed about the configuration and the listeners. */
  async #update(): Promise<void> {
    const setups = this.#served.plan.body.listeners;
    const listeners = this.#config.listen.map((listener, index) => {
      const suspended = this.#suspended.has(listener.name);
      const setup = setups[index] ?? listenerSetup(listener, { suspended, direct: false });
      return changedSetup(setup, listener, suspended);
    });
    await this.#served.update(planOf(this.#config, this.#topology, this.#sockets, listeners));
  }

  /**
   * Replaces every process by one of the new code and configuration, new before old; then makes them as many as the
   * configuration says.
   *
   * @param signal gives it up when it aborts
   * @throws {RestartNeededError} when it is served by the supervisor's own process
   * @throws {BindError} when a new address can't be bound; nothing was changed
   * @throws {ConfigError} when a listener's connections have no way to the threads; nothing was changed
   * @throws {ReloadError} when a new process failed
   * @throws {ProcessStartError} when an additional process can't start; all that were there are replaced
   */
  async reload(config: ServiceConfig, topology: ResolvedTopology, signal: AbortSignal): Promise<void> {
    const served = this.#replaceable();
    const ending = this.#ending(config, "replaced by a reload");
    const before = this.#sockets;
    const after = await before.rebind(config.listen);
    const suspended = this.#suspended.intersection(new Set(config.listen.map(({ name }) => name)));
    let listeners: readonly ListenerSetup[];
    try {
      listeners = setupsOf(config, topology, after, suspended);
    } catch (error) {
      after.closeExcept(before);
      throw error;
    }
    const limits = { canary: 1, soak: config.reload.soak, surge: config.reload.surge, unavailable: 0 };
    const written = writtenAt(config.entry);
    const { keep } = config.reload;
    const result = await served.roll(planOf(config, topology, after, listeners), { ...ending, limits, keep, signal });
    if (!result.ok) {
      this.#isMixed ||= result.replaced.length > 0;
      // Slots that have moved accept from the new sockets, and the others from the old: keep what either needs.
      if (result.replaced.length > 0) this.#sockets = before.and(after);
      else after.closeExcept(before);
      throw new ReloadError(config.name, result, this.#restarts.waits);
    }
    this.#restarts.replaced();
    before.closeExcept(after);
    this.#sockets = after;
    this.#suspended = suspended;
    this.#written = written;
    this.#isMixed = false;
    this.#config = config;
    this.#topology = topology;
    served.restart = config.restart.process;
    this.#restarts.limits = config.restart.service;
    this.#recycler?.close();
    this.#recycler = this.#newRecycler();
    await this.scale(topology.processes, signal);
  }

  /**
   * Adds processes or drains and ends some, the latest first, until there are `count`.
   *
   * @throws {RestartNeededError} when it is served by the supervisor's own process, or should be
   * @throws {ProcessStartError} when an additional process can't start; those before it stay
   */
  async scale(count: number, signal: AbortSignal): Promise<void> {
    const served = this.#replaceable();
    if (count < 1) throw new RestartNeededError(`${this.#config.name} can't go from processes of its own to none`);
    while (served.units.length < count) {
      signal.throwIfAborted();
      const unit = this.#options.names.claim();
      await served.add(unit).catch((error: unknown) => {
        this.#options.names.release(unit);
        throw error;
      });
    }
    await Promise.all(
      served.units.slice(count).map(async (unit) => {
        await served.remove(unit, this.#ending(this.#config, "scaled down"));
        // One that is kept goes on under its slot's id.
        void served.nothingKept(unit).then(() => this.#options.names.release(unit));
      }),
    );
  }

  /**
   * Replaces processes by new ones of the same configuration, new before old, one after the other.
   *
   * @throws {RestartNeededError} when it is served by the supervisor's own process
   * @throws {ReloadError} when a new process failed
   */
  async restart(units: readonly string[], signal: AbortSignal): Promise<void> {
    const ending = this.#ending(this.#config, "restarted by command", "operator");
    const result = await this.#replaceable().recycle(units, { ...ending, signal });
    if (!result.ok) throw new ReloadError(this.#config.name, result, this.#restarts.waits);
    this.#restarts.replaced();
  }

  /**
   * Gives each of its processes so many threads, while they serve.
   *
   * @throws {RestartNeededError} when they have no threads, or should have none
   * @throws {ThreadStartError} when an additional thread can't start
   */
  async scaleThreads(threads: number): Promise<void> {
    const { name } = this.#config;
    if (this.#topology.threads === 0 || threads < 1) {
      throw new RestartNeededError(`${name} can't go from ${this.#topology.threads} threads to ${threads}`);
    }
    await this.#served.resizeThreads(threads, this.#ending(this.#config).budget);
    this.#topology = { ...this.#topology, threads };
  }

  /** How many threads each of its processes has. */
  get threads(): number {
    return this.#topology.threads;
  }

  /**
   * Replaces threads of one of its processes by new ones, new before old.
   *
   * @throws {ReloadError} when a new thread failed
   * @throws {UnknownNameError} when they don't run
   */
  async restartThreads(threads: readonly string[]): Promise<void> {
    const result = await this.#served.restartThreads(threads, this.#ending(this.#config).budget);
    if (!result.ok) throw new ReloadError(this.#config.name, result, this.#restarts.waits);
  }

  /** Begins no recycling until `resume`; resolves when none is under way. */
  async pause(): Promise<void> {
    await this.#recycler?.pause();
  }

  resume(): void {
    this.#recycler?.resume();
  }

  /** Accepts no more, finishes what is in flight within the configured budget, and ends every unit. */
  async stop(): Promise<void> {
    this.#restarts.close();
    this.#recycler?.close();
    const { budget, hurry } = this.#ending(this.#config);
    // Go on accepting for a while: a load balancer may send clients here until it has taken note.
    await sleep(this.#config.stop.preDrain, undefined, { signal: hurry }).catch(() => {});
    this.#sockets.close();
    await this.#served.stop(budget, hurry);
  }

  #replaceable(): InProcesses {
    if (this.#served instanceof InProcesses) return this.#served;
    throw new RestartNeededError(
      `${this.#config.name} is served by the supervisor's own process, which can't be replaced while it runs (topology.processes is 0)`,
    );
  }

  #ending({ stop }: ServiceConfig, text = "stopped", cause: Exit["cause"] = "planned") {
    return { budget: stop, hurry: this.#options.hurry, why: { cause, text } };
  }

  #newRecycler(): Recycler | undefined {
    const served = this.#served;
    if (!(served instanceof InProcesses)) return undefined;
    const { minLifetime, memory, age, connections } = this.#config.recycle;
    const marks = { memory, age, connections };
    if (Object.values(marks).every((mark) => mark === undefined)) return undefined;
    return new Recycler({
      marks,
      minLifetime,
      observe: (withMemory) => served.observe(withMemory),
      replace: async (unit, why, signal) => {
        this.#options.onRecycle({ type: "recycling", unit, why: why.text });
        const result = await served.recycle([unit], { ...this.#ending(this.#config), why, signal });
        if (!result.ok) this.#options.onRecycle({ type: "recycle-failed", unit, reason: result.reason });
        return result.ok;
      },
    });
  }
}

/** When a file was last written, in ms since the epoch; undefined when it is not there. Only to be compared with itself. */
function writtenAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ctimeMs;
}
