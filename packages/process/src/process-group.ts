// The processes of one service: kept alive on shared listening sockets that outlive each of them.
import { type RestartLimits, SlotGroup, type UnitEvent, type UnitSlot } from "@plait/policy";
import type { ListeningSocket } from "./listening-socket.ts";
import { type StopBudget, WorkerProcess } from "./worker-process.ts";

export interface ProcessGroupOptions {
  /** The slots' ids, for example `["p1", "p2"]`. */
  readonly units: readonly string[];
  /** Path of the file that each process executes; it calls `enterProcess`. */
  readonly exec: string;
  /** Plain data for each process. */
  readonly body: unknown;
  readonly sockets: readonly { readonly socket: ListeningSocket; readonly backlog: number }[];
  /** How long a process may take until it is ready, in ms. */
  readonly startTimeout: number;
  /** How often a process may be restarted, and after what wait. */
  readonly restart: RestartLimits;
  readonly onEvent: (event: UnitEvent) => void;
  /** Called with what a process tells the supervisor. */
  readonly onTold: (unit: string, event: unknown) => void;
}

/** Owns one process a slot until `stop` or `kill`; the sockets stay the caller's. */
export class ProcessGroup {
  readonly #processes: SlotGroup<WorkerProcess>;

  private constructor(options: ProcessGroupOptions) {
    const { exec, body, sockets, startTimeout, onTold } = options;
    this.#processes = new SlotGroup<WorkerProcess>({
      units: options.units,
      limits: options.restart,
      start: (unit, incarnation) =>
        new WorkerProcess({
          unit,
          incarnation,
          exec,
          body,
          sockets,
          startTimeout,
          onEvent: (event) => onTold(unit, event),
        }),
      onEvent: options.onEvent,
    });
  }

  /**
   * Starts every process and resolves when all of them serve.
   *
   * @throws {ProcessStartError} of the first that could not start; the others are ended first
   */
  static async start(options: ProcessGroupOptions): Promise<ProcessGroup> {
    const group = new ProcessGroup(options);
    await group.#processes.start();
    return group;
  }

  get slots(): readonly UnitSlot<WorkerProcess>[] {
    return this.#processes.slots;
  }

  /** Drains and ends every process. Resolves when all are gone. */
  async stop(budget: StopBudget, hurry: AbortSignal): Promise<void> {
    await this.#processes.stop((process) => process.stop(budget, hurry));
  }

  /** Ends every process at once; what they were serving is lost. Resolves when all are gone. */
  async kill(): Promise<void> {
    await this.#processes.kill();
  }
}
