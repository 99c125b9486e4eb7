// The supervisor: runs a deployment, owns its sockets and policy, and runs no user code itself (but for services with 0
// processes, which ask for it).
import { type Deployment, diffConfig, resolveTopology } from "@plait/config";
import type { UnitEvent } from "@plait/policy";
import type { Recording } from "@plait/thread";
import type { BodyEvent, RecycleEvent } from "./body.ts";
import { type Death, DeathRecord } from "./death-record.ts";
import { describeEvent, eventLevel } from "./describe-event.ts";
import { onlyUnit, type ServiceDump } from "./dump.ts";
import { BusyError, GaveUpError, NoRevisionError, UnknownNameError } from "./errors.ts";
import type { HealthServer } from "./health/health-server.ts";
import type { Readiness } from "./health/readiness.ts";
import { levelOf } from "./logs/log-entry.ts";
import type { LogPage, LogQuery } from "./logs/log-query.ts";
import { Logs } from "./logs/logs.ts";
import { type OutputLine, writeOutput } from "./output.ts";
import { type Plan, planFor } from "./plan.ts";
import { ProcessUsages } from "./process-usage.ts";
import { refuseRestarts } from "./refuse-restarts.ts";
import { pinned, type Revision, revisionOf } from "./revision.ts";
import type { ListenerStatus, SupervisorStatus } from "./status.ts";
import { SupervisedService } from "./supervised-service.ts";
import { readLine } from "./thread-lines.ts";
import { unitOf } from "./unit-id.ts";
import { UnitNames } from "./unit-names.ts";

/** How many revisions are kept to go back to. */
const REVISIONS = 10;

/** Something that happened to a service or one of its units, for logs. */
export type SupervisorEvent = (UnitEvent | BodyEvent | RecycleEvent | ServiceEvent) & { readonly service: string };

/** Something that happened to a service as a whole. */
export type ServiceEvent =
  /** Somebody asked for a change; `service` is the deployment's name. */
  | { readonly type: "asked"; readonly what: string; readonly by: string }
  /** Everything is being ended; `service` is the deployment's name. */
  | { readonly type: "stopping" }
  /** Its processes were restarted too often; all of them will be started again. */
  | { readonly type: "service-backoff"; readonly delayMs: number; readonly attempt: number; readonly reason: string }
  | { readonly type: "reloading" }
  | { readonly type: "reloaded" }
  | { readonly type: "reload-failed"; readonly reason: string }
  /** A reload changed nothing but keys that hold at once. */
  | { readonly type: "adjusted"; readonly keys: readonly string[] }
  | { readonly type: "suspended" | "resumed"; readonly listeners: readonly string[] }
  | { readonly type: "certificates-read" }
  | { readonly type: "scaled"; readonly from: number; readonly to: number }
  | { readonly type: "threads-scaled"; readonly from: number; readonly to: number };

export interface SupervisorOptions {
  /** Called for each event, in order. */
  readonly onEvent?: (event: SupervisorEvent) => void;
  /** Called for each line that a process or a thread writes. Default: written to the same stream, after its id. */
  readonly onOutput?: (output: OutputLine) => void;
  /** Reads the deployment again for a reload; whatever it throws leaves everything as it is. Default: the one it has. */
  readonly reread?: () => Promise<Deployment>;
}

/**
 * A running deployment. It owns every socket, process and thread of it until `stop()` has resolved, which
 * `await using` does.
 */
export class Supervisor implements AsyncDisposable {
  readonly name: string;
  /** Settles once, when everything has ended: fulfilled after a stop, rejected with {@link GaveUpError}. */
  readonly ended: Promise<void>;
  readonly #ended = Promise.withResolvers<void>();
  readonly #startedAt = Date.now();
  readonly #hurry = new AbortController();
  readonly #services: SupervisedService[] = [];
  readonly #options: SupervisorOptions;
  readonly #usages = new ProcessUsages();
  readonly #deaths = new DeathRecord();
  readonly #logs: Logs;
  #revision: Revision;
  /** What it ran before, the latest last. */
  readonly #before: Revision[] = [];
  #health: HealthServer | undefined;
  #state: SupervisorStatus["state"] = "starting";
  #stopping: Promise<void> | undefined;
  /** The change that is under way: one at a time, and a stop gives it up. */
  #change: { readonly what: string; readonly giveUp: AbortController } | undefined;

  private constructor(deployment: Deployment, logs: Logs, options: SupervisorOptions) {
    this.name = deployment.name;
    this.#logs = logs;
    this.#revision = revisionOf(deployment);
    this.#options = options;
    this.ended = this.#ended.promise;
    this.ended.catch(() => {});
  }

  /** Starts a deployment; see `supervise`. */
  static async start(deployment: Deployment, options: SupervisorOptions = {}): Promise<Supervisor> {
    const logs = await Logs.open(deployment.logs, deployment.name);
    const supervisor = new Supervisor(deployment, logs, options);
    const names = new UnitNames();
    try {
      // Before the services: a probe can see them start.
      if (deployment.health) {
        // Loaded when it is asked for: the metrics library is a third of what a supervisor would load.
        const { HealthServer } = await import("./health/health-server.ts");
        supervisor.#health = await HealthServer.open(deployment.health.listen, supervisor);
      }
      for (const config of deployment.services) {
        const service = await SupervisedService.start({
          config: pinned(supervisor.#revision, config),
          topology: resolveTopology(config.topology),
          names,
          onEvent: (event, process) => {
            supervisor.#deaths.take(config.name, event, process);
            supervisor.#tell(config.name, event);
          },
          onOutput: ({ unit, incarnation }, stream, line) => {
            const output = { ...readLine(unit, line), stream };
            if (stream === "stderr") supervisor.#deaths.line(unit, incarnation, output.line);
            const level = levelOf(stream, output.line);
            const [service, source, text] = [config.name, stream, output.line];
            logs.add({ at: Date.now(), service, unit: output.unit, level, source, text });
            (options.onOutput ?? writeOutput)(output);
          },
          onRecycle: (event) => supervisor.#tell(config.name, event),
          onBackoff: (delayMs, attempt, reason) =>
            supervisor.#tell(config.name, { type: "service-backoff", delayMs, attempt, reason }),
          onGaveUp: (reason) => void supervisor.#giveUp(new GaveUpError(config.name, reason)),
          hurry: supervisor.#hurry.signal,
        });
        supervisor.#services.push(service);
      }
    } catch (error) {
      supervisor.#hurry.abort();
      await supervisor.stop();
      throw error;
    }
    if (supervisor.#state === "starting") supervisor.#state = "serving";
    return supervisor;
  }

  /** What it runs: that of the last reload that succeeded. */
  get deployment(): Deployment {
    return this.#revision.deployment;
  }

  /** Where each service can be reached. */
  get listeners(): readonly (ListenerStatus & { readonly service: string })[] {
    return this.#services.flatMap(({ config, listeners }) =>
      listeners.map((listener) => ({ service: config.name, ...listener })),
    );
  }

  /** Whether a stop is under way, or over. */
  get stopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** What is known without asking a process. */
  readiness(): Readiness {
    return { state: this.#state, services: this.#services.map((service) => service.readiness) };
  }

  async status(): Promise<SupervisorStatus> {
    const services = await Promise.all(this.#services.map((service) => service.status()));
    const pids = services.flatMap(({ processes, kept }) => [...processes, ...kept].flatMap(({ pid }) => pid ?? []));
    const usages = await this.#usages.read([process.pid, ...pids]);
    const usageOf = (pid: number | null) => (pid === null ? undefined : usages.get(pid)) ?? null;
    return {
      name: this.name,
      pid: process.pid,
      state: this.#state,
      startedAt: this.#startedAt,
      node: process.version,
      usage: usageOf(process.pid),
      health: this.#health?.address ?? null,
      services: services.map((service) => ({
        ...service,
        processes: service.processes.map((slot) => ({
          ...slot,
          ...this.#deaths.recordOf(slot.unit),
          usage: usageOf(slot.pid),
          threads: slot.threads.map((thread) => ({ ...thread, ...this.#deaths.recordOf(thread.unit) })),
        })),
        kept: service.kept.map((kept) => ({ ...kept, usage: usageOf(kept.pid) })),
      })),
    };
  }

  /**
   * How units ended, the latest first: the last deaths of each of them, with what was done next.
   *
   * @param unit `"p2"` with its threads, `"p2.t1"`, or `"echo"` for a service; for a coroutine, that of its thread.
   *   Default: all
   * @throws {UnknownNameError} when nothing has that id and nothing had it
   */
  async why(unit?: string): Promise<readonly Death[]> {
    const deaths = this.#deaths.of(unit === undefined ? undefined : unitOf(unit));
    if (unit !== undefined && deaths.length === 0) await this.#checkKnown(unit);
    return deaths;
  }

  /**
   * What a reload would touch, without touching it.
   *
   * @throws {ConfigError} when the configuration can't be used
   */
  async plan(): Promise<Plan> {
    return planFor(this.deployment, await (this.#options.reread?.() ?? this.deployment));
  }

  /** Puts into the log who asked for what. */
  noteRequest(what: string, by: string): void {
    this.#tell(this.name, { type: "asked", what, by });
  }

  /**
   * A page of what the units wrote and of what happened to them.
   *
   * @param wait hold an empty page back for so many ms at most, until there is something to read
   * @throws {UnknownNameError} when nothing has the id that is asked for and nothing had it
   */
  async readLogs(query: LogQuery, wait = 0): Promise<LogPage & { readonly ended: boolean }> {
    if (query.unit !== undefined && !this.#logs.has(query.unit)) await this.#checkKnown(query.unit);
    const page = await this.#logs.read(query, wait);
    return { ...page, ended: this.#logs.ended && !page.more };
  }

  /**
   * Calls a method of a service in one of its units: see `methods` of a service. Arguments and the result are JSON, and a
   * stream comes as an array.
   *
   * @param id `"p2.t1"`, or `"p2"` for a process without threads; for a coroutine, its thread
   * @param timeout how long it may take, in ms
   * @throws {UnknownNameError} when there is no such unit
   * @throws {UnknownMethodError} when its service has no such method
   * @throws {UnitNotServingError | ThreadExitedError | ProcessExitedError} when the unit does not serve, or ends first
   * @throws {ThreadCallTimeoutError} when it takes longer
   * @throws what the method throws
   */
  async call(id: string, method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    const unit = unitOf(id);
    const process = unit.split(".")[0] ?? "";
    const service = this.#services.find(({ units }) => units.includes(process));
    if (!service)
      throw new UnknownNameError(
        "unit",
        unit,
        this.#services.flatMap(({ units }) => units),
      );
    return service.call(unit, method, args, timeout);
  }

  /**
   * Opens the log file anew, after it was moved away. Without a log file it does nothing.
   *
   * @throws {LogFileError} when it can't be opened; the old one stays in use
   */
  async reopenLogs(): Promise<void> {
    await this.#logs.reopen();
  }

  /**
   * What every unit is doing: each coroutine with what it waits on, for how long and at which line; of a thread that is
   * stuck, its stack and the coroutine that was running.
   *
   * @param options.unit only this service, process with its threads, thread, or coroutine with its children. Default all
   * @param options.locals whether to read the coroutines' variables, which may hold secrets. Default false
   * @throws {UnknownNameError} when no such unit runs
   */
  async dump(options: { readonly unit?: string; readonly locals?: boolean } = {}): Promise<readonly ServiceDump[]> {
    const { unit, locals = false } = options;
    const dumps = await Promise.all(this.#services.map((service) => service.dump(locals)));
    return unit === undefined ? dumps : onlyUnit(dumps, unit);
  }

  /**
   * Writes a CPU profile or a heap snapshot of a unit to a file that Chrome's developer tools open, also of one that does
   * not answer. For a process that is its main thread. Of the supervisor's own process, only while it answers.
   *
   * @param id `"p2"` or `"p2.t1"`; for a coroutine, its thread
   * @param file absolute path; nothing may be there. It is its owner's alone: a heap holds whatever the service does
   * @throws {UnknownNameError} when no such unit runs
   * @throws {Error} when the file can't be written, or the unit ends first
   */
  async record(id: string, recording: Recording, file: string): Promise<void> {
    const unit = unitOf(id);
    const { services } = await this.status();
    const known = services.map(({ processes }) => processes.flatMap((each) => [each, ...each.threads]));
    const index = known.findIndex((units) => units.some((each) => each.unit === unit));
    const names = known.flat().map((each) => each.unit);
    if (index < 0) throw new UnknownNameError("unit", unit, names);
    await this.#services[index]?.record(unit, recording, file);
  }

  /**
   * Reads the deployment again and replaces every process by one of the new code and configuration: new before old, the
   * first of them on trial, service after service. Resolves when every old process is gone.
   *
   * A service of which nothing has changed but keys that are `live` takes them over at once, and none of its processes is
   * replaced; unless its module was written since they loaded it.
   *
   * @returns the names of the services whose processes were not replaced
   * @throws {ConfigError} when the configuration is wrong; nothing was changed
   * @throws {RestartNeededError} when it asks for what can't be done to a running service; nothing was changed
   * @throws {BindError} when a new address can't be bound; that service was not changed, nor those after it
   * @throws {ReloadError} when a new process failed; its message says what serves now
   * @throws {BusyError} when another change or a stop is under way
   */
  reload(): Promise<readonly string[]> {
    return this.#changing("a reload", async (signal) => {
      const fresh = await (this.#options.reread?.() ?? this.deployment);
      refuseRestarts(this.deployment, fresh);
      const old = this.#revision;
      const adjusted = await this.#moveTo(revisionOf(fresh), signal);
      this.#before.push(old);
      if (this.#before.length > REVISIONS) this.#before.shift();
      return adjusted;
    });
  }

  /**
   * Goes back to what ran before the last reload that succeeded, in the same way as a reload: its configuration, and of
   * its code what still lies under the real paths that it was loaded from. The configuration's file is left alone: the
   * next reload reads it.
   *
   * @returns what it went back to
   * @throws {NoRevisionError} when there was no reload, or what ran before is the same configuration at the same paths
   * @throws {ReloadError} when an old process's replacement failed; its message says what serves now
   * @throws {BusyError} when another change or a stop is under way
   */
  async rollback(): Promise<Revision> {
    const to = this.#before.at(-1);
    if (!to) throw new NoRevisionError("no reload has succeeded so far");
    await this.#changing("a rollback", async (signal) => {
      const { deployment, entries } = this.#revision;
      const sameEntries = [...to.entries].every(([name, entry]) => entries.get(name) === entry);
      if (sameEntries && diffConfig(deployment, to.deployment).every(({ change }) => change === "none")) {
        throw new NoRevisionError(
          "what ran before has the same configuration and its code the same paths; put the old files back and reload",
        );
      }
      await this.#moveTo(to, signal);
      this.#before.pop();
    });
    return to;
  }

  /**
   * Adds processes to a service or takes some away, until the next reload. Resolves when the added ones serve and the
   * others are gone.
   *
   * @param to how many there should be, or what makes of how many there are
   * @param name the service; may be left out when there is only one
   * @throws {UnknownNameError} when there is no such service, or a choice of several
   * @throws {RestartNeededError} when the service has no processes of its own, or should have none
   * @throws {ProcessStartError} when an additional process can't start
   * @throws {BusyError} when another change or a stop is under way
   */
  scale(to: number | ((processes: number) => number), name?: string): Promise<void> {
    return this.#changing("scaling", async (signal) => {
      const service = this.#service(name);
      const from = service.processes;
      const count = typeof to === "number" ? to : to(from);
      await service.scale(count, signal);
      this.#tell(service.config.name, { type: "scaled", from, to: count });
    });
  }

  /**
   * Leaves the connections of a service's listeners in the kernel's queue, until `resume`: none is accepted and none
   * refused, and those that are open go on. Restarts and reloads change nothing about it.
   *
   * @param service may be left out when there is only one
   * @param listener default all of the service
   * @throws {UnknownNameError} when there is no such service or listener
   * @throws {SuspendError} for a unix socket that the supervisor's own process serves; nothing was changed
   * @throws {BusyError} when another change or a stop is under way
   */
  suspend(service?: string, listener?: string): Promise<void> {
    return this.#changing("suspending", async () => {
      const suspended = this.#service(service);
      const listeners = await suspended.suspend(true, listener);
      this.#tell(suspended.config.name, { type: "suspended", listeners });
    });
  }

  /** Accepts from them again, beginning with who waits. Throws the same, but for the unix socket. */
  resume(service?: string, listener?: string): Promise<void> {
    return this.#changing("resuming", async () => {
      const resumed = this.#service(service);
      const listeners = await resumed.suspend(false, listener);
      this.#tell(resumed.config.name, { type: "resumed", listeners });
    });
  }

  /**
   * Reads the certificates and keys of every TLS listener again. No connection is dropped: those that are open keep what
   * they began with.
   *
   * @throws {Error} when a file is missing or broken; its units go on with the old ones
   * @throws {BusyError} when another change or a stop is under way
   */
  reloadCertificates(): Promise<void> {
    return this.#changing("reading certificates", async () => {
      for (const service of this.#services) {
        await service.reloadCertificates();
        this.#tell(service.config.name, { type: "certificates-read" });
      }
    });
  }

  /**
   * Gives each process of a service so many threads, until the next reload: adds some, or drains and ends some.
   *
   * @param to how many there should be, or what makes of how many there are
   * @param name the service; may be left out when there is only one
   * @throws {UnknownNameError} when there is no such service, or a choice of several
   * @throws {RestartNeededError} when its processes have no threads, or should have none
   * @throws {BusyError} when another change or a stop is under way
   */
  scaleThreads(to: number | ((threads: number) => number), name?: string): Promise<void> {
    return this.#changing("scaling", async () => {
      const service = this.#service(name);
      const from = service.threads;
      const count = typeof to === "number" ? to : to(from);
      await service.scaleThreads(count);
      this.#tell(service.config.name, { type: "threads-scaled", from, to: count });
    });
  }

  /**
   * Replaces a thread, a process, or every process of a service, by a new one of the same configuration: new before old, one after
   * the other. Resolves when the old ones are gone.
   *
   * @param id a process's, such as `"p2"`, a thread's, that of a coroutine for its thread, or a service's name; default every
   * service
   * @throws {UnknownNameError} when there is neither a process nor a service of that name
   * @throws {RestartNeededError} when the service has no processes of its own
   * @throws {ReloadError} when a new process failed; its message says which go on
   * @throws {BusyError} when another change or a stop is under way
   */
  restart(id?: string): Promise<void> {
    return this.#changing("a restart", async (signal) => {
      const name = id === undefined ? undefined : unitOf(id);
      const known = this.#services.flatMap(({ config, units }) => [config.name, ...units]);
      const [owner] = (name ?? "").split(".");
      const service = this.#services.find(({ units }) => units.includes(owner ?? ""));
      if (service && name !== undefined && name !== owner) return service.restartThreads([name]);
      if (name !== undefined && !known.includes(name)) throw new UnknownNameError("process or service", name, known);
      for (const service of this.#services) {
        const all = name === undefined || name === service.config.name;
        const units = all ? service.units : service.units.filter((unit) => unit === name);
        if (units.length > 0 || all) await service.restart(units, signal);
      }
    });
  }

  /**
   * Accepts no more, lets what is in flight finish up to the configured deadline, and ends every unit. Resolves when
   * nothing is left. Idempotent.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#end("stopped");
    return this.#stopping;
  }

  /** Gives up what is in flight: a stop that is under way, or a later one, cancels it and ends within two seconds. */
  hurry(): void {
    this.#hurry.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The service of that name; the only one when there is no name. */
  #service(name: string | undefined): SupervisedService {
    const [only, ...others] = this.#services;
    const service =
      name === undefined && others.length === 0 ? only : this.#services.find(({ config }) => config.name === name);
    const known = this.#services.map(({ config }) => config.name);
    if (!service) throw new UnknownNameError("service", name ?? "of no name", known);
    return service;
  }

  /** @returns the names of the services whose processes took over the change and were not replaced */
  async #moveTo(revision: Revision, signal: AbortSignal): Promise<readonly string[]> {
    const { services } = revision.deployment;
    const adjusted: string[] = [];
    for (const service of this.#services) {
      const found = services.find(({ name }) => name === service.config.name);
      const config = found ? pinned(revision, found) : service.config;
      const keys = service.liveChanges(config);
      if (keys) {
        await service.adjust(config, resolveTopology(config.topology), signal);
        this.#tell(config.name, { type: "adjusted", keys });
        adjusted.push(config.name);
        continue;
      }
      this.#tell(config.name, { type: "reloading" });
      try {
        await service.reload(config, resolveTopology(config.topology), signal);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#tell(config.name, { type: "reload-failed", reason });
        throw error;
      }
      this.#tell(config.name, { type: "reloaded" });
    }
    this.#revision = revision;
    return adjusted;
  }

  async #changing<T>(what: string, change: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.stopping) throw new BusyError(what, "the supervisor is being stopped");
    if (this.#change) throw new BusyError(what, `${this.#change.what} is under way`);
    const giveUp = new AbortController();
    this.#change = { what, giveUp };
    try {
      await Promise.all(this.#services.map((service) => service.pause()));
      giveUp.signal.throwIfAborted();
      return await change(giveUp.signal);
    } finally {
      this.#change = undefined;
      if (!this.stopping) for (const service of this.#services) service.resume();
    }
  }

  async #checkKnown(id: string): Promise<void> {
    const { services } = await this.status();
    const units = services.flatMap(({ processes }) => processes.flatMap((each) => [each, ...each.threads]));
    const known = units.map(({ unit }) => unit);
    if (known.includes(unitOf(id)) || services.some(({ name }) => name === id)) return;
    throw new UnknownNameError("unit", id, known);
  }

  #tell(service: string, event: UnitEvent | BodyEvent | RecycleEvent | ServiceEvent): void {
    const told: SupervisorEvent = { ...event, service };
    const text = describeEvent(told);
    const unit = "unit" in told ? told.unit : null;
    const level = eventLevel(told);
    if (text !== undefined) this.#logs.add({ at: Date.now(), service, unit, level, source: "supervisor", text });
    this.#health?.observe(told);
    this.#options.onEvent?.(told);
  }

  async #giveUp(error: GaveUpError): Promise<void> {
    this.#stopping ??= this.#end("failed", error);
    await this.#stopping;
  }

  async #end(state: "stopped" | "failed", error?: GaveUpError): Promise<void> {
    this.#state = "stopping";
    this.#tell(this.name, { type: "stopping" });
    this.#change?.giveUp.abort("the supervisor is being stopped");
    await Promise.allSettled(this.#services.map((service) => service.stop()));
    await this.#logs.close();
    this.#state = state;
    // Last of all: the probes say how far the stop is.
    this.#health?.close();
    if (error) this.#ended.reject(error);
    else this.#ended.resolve();
  }
}
