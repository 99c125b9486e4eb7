// The supervisor: runs a deployment, owns its sockets and policy, and runs no user code itself (but for services with 0
// processes, which ask for it).
import { type Deployment, resolveTopology } from "@plait/config";
import type { UnitEvent } from "@plait/policy";
import type { BodyEvent } from "./body.ts";
import { GaveUpError } from "./errors.ts";
import type { SupervisorStatus } from "./status.ts";
import { SupervisedService } from "./supervised-service.ts";

/** Something that happened to a unit, for logs. */
export type SupervisorEvent = (UnitEvent | BodyEvent) & { readonly service: string };

export interface SupervisorOptions {
  /** Called for each event, in order. */
  readonly onEvent?: (event: SupervisorEvent) => void;
}

/**
 * A running deployment. It owns every socket, process and thread of it until `stop()` has resolved, which
 * `await using` does.
 */
export class Supervisor implements AsyncDisposable {
  readonly name: string;
  /** What it runs. */
  readonly deployment: Deployment;
  /** Settles once, when everything has ended: fulfilled after a stop, rejected with {@link GaveUpError}. */
  readonly ended: Promise<void>;
  readonly #ended = Promise.withResolvers<void>();
  readonly #startedAt = Date.now();
  readonly #hurry = new AbortController();
  readonly #services: SupervisedService[] = [];
  #state: SupervisorStatus["state"] = "starting";
  #stopping: Promise<void> | undefined;

  private constructor(deployment: Deployment) {
    this.name = deployment.name;
    this.deployment = deployment;
    this.ended = this.#ended.promise;
    this.ended.catch(() => {});
  }

  /** Starts a deployment; see `supervise`. */
  static async start(deployment: Deployment, { onEvent }: SupervisorOptions = {}): Promise<Supervisor> {
    const supervisor = new Supervisor(deployment);
    let unit = 1;
    try {
      for (const config of deployment.services) {
        const topology = resolveTopology(config.topology);
        const count = Math.max(1, topology.processes);
        const units = Array.from({ length: count }, () => `p${unit++}`);
        const service = await SupervisedService.start({
          config,
          topology,
          units,
          onEvent: (event) => onEvent?.({ ...event, service: config.name }),
          onGaveUp: (reason) => void supervisor.#giveUp(new GaveUpError(config.name, reason)),
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

  /** Where each service can be reached. */
  get listeners(): readonly { readonly service: string; readonly name: string; readonly address: string }[] {
    return this.#services.flatMap(({ config, listeners }) =>
      listeners.map((listener) => ({ service: config.name, ...listener })),
    );
  }

  /** Whether a stop is under way, or over. */
  get stopping(): boolean {
    return this.#stopping !== undefined;
  }

  async status(): Promise<SupervisorStatus> {
    return {
      name: this.name,
      pid: process.pid,
      state: this.#state,
      startedAt: this.#startedAt,
      node: process.version,
      services: await Promise.all(this.#services.map((service) => service.status())),
    };
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

  async #giveUp(error: GaveUpError): Promise<void> {
    this.#stopping ??= this.#end("failed", error);
    await this.#stopping;
  }

  async #end(state: "stopped" | "failed", error?: GaveUpError): Promise<void> {
    this.#state = "stopping";
    await Promise.allSettled(this.#services.map((service) => service.stop(this.#hurry.signal)));
    this.#state = state;
    if (error) this.#ended.reject(error);
    else this.#ended.resolve();
  }
}
