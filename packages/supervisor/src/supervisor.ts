// The supervisor: runs a deployment, owns its sockets and policy, and runs no user code itself (but for services with 0
// processes, which ask for it).
import { type Deployment, resolveTopology } from "@plait/config";
import { InvalidArgumentError } from "@plait/coroutine";
import type { Recording } from "@plait/thread";
import type { Death } from "./death-record.ts";
import { onlyUnit, type ServiceDump } from "./dump.ts";
import { GaveUpError, UnknownNameError } from "./errors.ts";
import type { HealthServer } from "./health/health-server.ts";
import type { Readiness } from "./health/readiness.ts";
import { Journal } from "./journal.ts";
import type { LogPage, LogQuery } from "./logs/log-query.ts";
import { Logs } from "./logs/logs.ts";
import { moveServices } from "./move-services.ts";
import { OneChange } from "./one-change.ts";
import { type OutputLine, writeOutput } from "./output.ts";
import { type Plan, planFor } from "./plan.ts";
import { ProcessUsages } from "./process-usage.ts";
import { refuseRestarts } from "./refuse-restarts.ts";
import { pinned, type Revision } from "./revision.ts";
import { Revisions } from "./revisions.ts";
import { processesOf, type ScaleTo, threadsOf } from "./scaling.ts";
import { completed } from "./service-slots.ts";
import { Services } from "./services.ts";
import type { ListenerStatus, SupervisorStatus } from "./status.ts";
import { SupervisedService } from "./supervised-service.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";
import { unitOf } from "./unit-id.ts";
import { UnitNames } from "./unit-names.ts";

export interface SupervisorOptions {
  /** Called for each event, in order. */
  readonly onEvent?: (event: SupervisorEvent) => void;
  /** Called for each line that a process or a thread writes. Default: written to the same stream, after its id. */
  readonly onOutput?: (output: OutputLine) => void;
  /** Reads the deployment again for a reload; whatever it throws leaves everything as it is. Default: the one it has. */
  readonly reread?: () => Promise<Deployment>;
}

/** In ms. A timer of Node holds no more than 24 days. */
const LONGEST_CALL = 24 * 3_600_000;
/** The longest CPU profile, in ms. */
const LONGEST_PROFILE = 600_000;

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
  readonly #services = new Services();
  readonly #options: SupervisorOptions;
  readonly #usages = new ProcessUsages();
  readonly #logs: Logs;
  readonly #journal: Journal;
  readonly #revisions: Revisions;
  readonly #change: OneChange;
  #health: HealthServer | undefined;
  #state: SupervisorStatus["state"] = "starting";
  #stopping: Promise<void> | undefined;

  private constructor(deployment: Deployment, logs: Logs, options: SupervisorOptions) {
    this.name = deployment.name;
    this.#logs = logs;
    this.#revisions = new Revisions(deployment);
    this.#options = options;
    this.#journal = new Journal(logs, {
      onEvent: (event) => {
        this.#health?.observe(event);
        options.onEvent?.(event);
      },
      onOutput: options.onOutput ?? writeOutput,
    });
    // What is being recycled is given up for a change, which is somebody's.
    this.#change = new OneChange({
      onBegin: () => Promise.all(this.#services.all.map((service) => service.pause())),
      onEnd: () => {
        for (const service of this.#services.all) service.resume();
      },
    });
    this.ended = this.#ended.promise;
    this.ended.catch(() => {});
  }

  /** Starts a deployment; see `supervise`. */
  static async start(deployment: Deployment, options: SupervisorOptions = {}): Promise<Supervisor> {
    const logs = await Logs.open(deployment.logs, deployment.name);
    const supervisor = new Supervisor(deployment, logs, options);
    const journal = supervisor.#journal;
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
          config: pinned(supervisor.#revisions.current, config),
          topology: resolveTopology(config.topology),
          names,
          onEvent: (event, process) => journal.happened(config.name, event, process),
          onOutput: (process, stream, line) => journal.wrote(config.name, process, stream, line),
          onRecycle: (event) => journal.tell(config.name, event),
          onBackoff: (delayMs, attempt, reason) =>
            journal.tell(config.name, { type: "service-backoff", delayMs, attempt, reason }),
          onGaveUp: (reason) => void supervisor.#giveUp(new GaveUpError(config.name, reason)),
          hurry: supervisor.#hurry.signal,
        });
        supervisor.#services.add(service);
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
    return this.#revisions.current.deployment;
  }

  /** Where each service can be reached. */
  get listeners(): readonly (ListenerStatus & { readonly service: string })[] {
    return this.#services.all.flatMap(({ config, listeners }) =>
      listeners.map((listener) => ({ service: config.name, ...listener })),
    );
  }

  /** Whether a stop is under way, or over. */
  get stopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** What is known without asking a process. */
  readiness(): Readiness {
    return { state: this.#state, services: this.#services.all.map((service) => service.readiness) };
  }

  async status(): Promise<SupervisorStatus> {
    const services = await Promise.all(this.#services.all.map((service) => service.status()));
    const pids = services.flatMap(({ processes, kept }) => [...processes, ...kept].flatMap(({ pid }) => pid ?? []));
    const usages = await this.#usages.read([process.pid, ...pids]);
    const known = {
      usageOf: (pid: number | null) => (pid === null ? undefined : usages.get(pid)) ?? null,
      recordOf: (unit: string) => this.#journal.deaths.recordOf(unit),
    };
    return {
      name: this.name,
      pid: process.pid,
      state: this.#state,
      startedAt: this.#startedAt,
      node: process.version,
      usage: known.usageOf(process.pid),
      health: this.#health?.address ?? null,
      services: services.map((service) => completed(service, known)),
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
    const deaths = this.#journal.deaths.of(unit === undefined ? undefined : unitOf(unit));
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
    this.#journal.tell(this.name, { type: "asked", what, by });
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
   * @param timeout how long it may take, in ms: a day at most
   * @throws {UnknownNameError} when there is no such unit
   * @throws {UnknownMethodError} when its service has no such method
   * @throws {UnitNotServingError | ThreadExitedError | ProcessExitedError} when the unit does not serve, or ends first
   * @throws {ThreadCallTimeoutError} when it takes longer
   * @throws {InvalidArgumentError} for a timeout that is none
   * @throws what the method throws
   */
  async call(id: string, method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    if (!(timeout >= 0)) throw new InvalidArgumentError(`A timeout can't be ${timeout}. Give milliseconds from 0 on.`);
    const unit = unitOf(id);
    return this.#services.owning(unit).call(unit, method, args, Math.min(timeout, LONGEST_CALL));
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
    const dumps = await Promise.all(this.#services.all.map((service) => service.dump(locals)));
    return unit === undefined ? dumps : onlyUnit(dumps, unit);
  }

  /**
   * Writes a CPU profile or a heap snapshot of a unit to a file that Chrome's developer tools open, also of one that does
   * not answer. For a process that is its main thread. Of the supervisor's own process, only while it answers.
   *
   * @param id `"p2"` or `"p2.t1"`; for a coroutine, its thread
   * @param file absolute path; nothing may be there. It is its owner's alone: a heap holds whatever the service does
   * @throws {UnknownNameError} when no such unit runs
   * @throws {InvalidArgumentError} for a time that is none, or above ten minutes
   * @throws {Error} when the file can't be written, or the unit ends first
   */
  async record(id: string, recording: Recording, file: string): Promise<void> {
    if (recording.kind === "cpu" && !(recording.ms >= 1 && recording.ms <= LONGEST_PROFILE)) {
      throw new InvalidArgumentError(`A profile can't take ${recording.ms} ms. Give from 1 to ${LONGEST_PROFILE}.`);
    }
    const unit = unitOf(id);
    const known = await this.#units();
    if (!known.includes(unit)) throw new UnknownNameError("unit", unit, known);
    await this.#services.owning(unit).record(unit, recording, file);
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
    return this.#move("a reload", async (moveTo) => {
      const fresh = await (this.#options.reread?.() ?? this.deployment);
      refuseRestarts(this.deployment, fresh);
      return this.#revisions.advance(fresh, moveTo);
    });
  }

  /**
   * Takes back a reload that failed half-way, or else goes back to what ran before the last one that succeeded, in the same way: its configuration, and of
   * its code what still lies under the real paths that it was loaded from. The configuration's file is left alone: the
   * next reload reads it.
   *
   * @returns what it went back to
   * @throws {NoRevisionError} when there was no reload, or what ran before is the same configuration at the same paths
   * @throws {ReloadError} when an old process's replacement failed; its message says what serves now
   * @throws {BusyError} when another change or a stop is under way
   */
  rollback(): Promise<Revision> {
    return this.#move("a rollback", (moveTo) => this.#revisions.goBack(moveTo));
  }

  /**
   * Adds processes to a service or takes some away, until the next reload. Resolves when the added ones serve and the
   * others are gone.
   *
   * @param to how many there should be, or what makes of how many there are
   * @param name the service; may be left out when there is only one
   * @throws {UnknownNameError} when there is no such service, or a choice of several
   * @throws {InvalidArgumentError} for what is no whole number
   * @throws {ConfigError} when they alone would need more memory than there is
   * @throws {RestartNeededError} when the service has no processes of its own, or should have none
   * @throws {ProcessStartError} when an additional process can't start
   * @throws {BusyError} when another change or a stop is under way
   */
  scale(to: ScaleTo, name?: string): Promise<void> {
    return this.#change.run("scaling", async (signal) => {
      const service = this.#services.named(name);
      const from = service.processes;
      const count = processesOf(service, to);
      await service.scale(count, signal);
      this.#journal.tell(service.config.name, { type: "scaled", from, to: count });
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
    return this.#change.run("suspending", async () => {
      const suspended = this.#services.named(service);
      const listeners = await suspended.suspend(true, listener);
      this.#journal.tell(suspended.config.name, { type: "suspended", listeners });
    });
  }

  /** Accepts from them again, beginning with who waits. Throws the same, but for the unix socket. */
  resume(service?: string, listener?: string): Promise<void> {
    return this.#change.run("resuming", async () => {
      const resumed = this.#services.named(service);
      const listeners = await resumed.suspend(false, listener);
      this.#journal.tell(resumed.config.name, { type: "resumed", listeners });
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
    return this.#change.run("reading certificates", async () => {
      for (const service of this.#services.all) {
        await service.reloadCertificates();
        this.#journal.tell(service.config.name, { type: "certificates-read" });
      }
    });
  }

  /**
   * Gives each process of a service so many threads, until the next reload: adds some, or drains and ends some.
   *
   * @param to how many there should be, or what makes of how many there are
   * @param name the service; may be left out when there is only one
   * @throws {UnknownNameError} when there is no such service, or a choice of several
   * @throws {InvalidArgumentError} for what is no whole number, or above 512
   * @throws {ConfigError} when they alone would need more memory than there is
   * @throws {RestartNeededError} when its processes have no threads, or should have none
   * @throws {BusyError} when another change or a stop is under way
   */
  scaleThreads(to: ScaleTo, name?: string): Promise<void> {
    return this.#change.run("scaling", async () => {
      const service = this.#services.named(name);
      const from = service.threads;
      const count = threadsOf(service, to);
      await service.scaleThreads(count);
      this.#journal.tell(service.config.name, { type: "threads-scaled", from, to: count });
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
    return this.#change.run("a restart", async (signal) => {
      const name = id === undefined ? undefined : unitOf(id);
      const owner = name === undefined ? undefined : this.#services.find(name);
      if (name !== undefined && owner && !owner.units.includes(name)) return owner.restartThreads([name]);
      const known = this.#services.all.flatMap(({ config, units }) => [config.name, ...units]);
      if (name !== undefined && !known.includes(name)) throw new UnknownNameError("process or service", name, known);
      for (const service of this.#services.all) {
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

  /**
   * Gives up what is in flight: a stop that is under way, or a later one, cancels it. Processes end within
   * two seconds; what the supervisor's own process serves has `stop.cancel`.
   */
  hurry(): void {
    this.#hurry.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** A change to another revision, told from its beginning to its end. */
  #move<T>(
    what: string,
    change: (moveTo: (revision: Revision) => Promise<readonly string[]>) => Promise<T>,
  ): Promise<T> {
    return this.#change.run(what, async (signal) => {
      this.#journal.tell(this.name, { type: "changing" });
      let failure: string | undefined;
      try {
        return await change((revision) => {
          return moveServices(revision, {
            services: this.#services.all,
            tell: (service, event) => this.#journal.tell(service, event),
            onHalfway: () => this.#revisions.leaveHalfway(revision),
            signal,
          });
        });
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
        throw error;
      } finally {
        this.#journal.tell(this.name, { type: "changed", failure });
      }
    });
  }

  /** The ids of all processes and threads that there are. */
  async #units(): Promise<readonly string[]> {
    const { services } = await this.status();
    const units = services.flatMap(({ processes }) => processes.flatMap((each) => [each, ...each.threads]));
    return units.map(({ unit }) => unit);
  }

  async #checkKnown(id: string): Promise<void> {
    const known = await this.#units();
    if (known.includes(unitOf(id)) || this.#services.names.includes(id)) return;
    throw new UnknownNameError("unit", id, known);
  }

  async #giveUp(error: GaveUpError): Promise<void> {
    this.#stopping ??= this.#end("failed", error);
    await this.#stopping;
  }

  async #end(state: "stopped" | "failed", error?: GaveUpError): Promise<void> {
    this.#state = "stopping";
    this.#journal.tell(this.name, { type: "stopping" });
    this.#change.close("the supervisor is being stopped");
    await Promise.allSettled(this.#services.all.map((service) => service.stop()));
    await this.#logs.close();
    this.#state = state;
    // Last of all: the probes say how far the stop is.
    this.#health?.close();
    if (error) this.#ended.reject(error);
    else this.#ended.resolve();
  }
}
