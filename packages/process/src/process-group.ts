// The processes of one service: kept alive on shared listening sockets that outlive each of them.
import {
  type Exit,
  type ExitStack,
  type GenerationDecision,
  Generations,
  type KeptUnit,
  type RestartLimits,
  type RolloutLimits,
  type RollResult,
  roll,
  type ShutdownBudget,
  SlotGroup,
  type StartUnit,
  type UnitEvent,
  type UnitSlot,
} from "@plait/policy";
import type { ListeningSocket } from "./listening-socket.ts";
import { type OutputStream, WorkerProcess } from "./worker-process.ts";

/** How a process of a group is started. */
export interface ProcessRecipe {
  /** Path of the file that each process executes; it calls `enterProcess`. */
  readonly exec: string;
  /** Plain data for each process. */
  readonly body: unknown;
  readonly sockets: readonly { readonly socket: ListeningSocket; readonly backlog: number }[];
  /** How long a process may take until it is ready, in ms. */
  readonly startTimeout: number;
  /** How long the event loop of one that serves may stand still, in ms. 0 is for ever. */
  readonly hangTimeout: number;
  /** As whom they run. Default: as this process. */
  readonly identity?: { readonly uid: number; readonly gid: number } | undefined;
}

export interface ProcessGroupOptions extends ProcessRecipe {
  /** The slots' ids, for example `["p1", "p2"]`. */
  readonly units: readonly string[];
  /** How often a process may be restarted, and after what wait. */
  readonly restart: RestartLimits;
  readonly onEvent: (event: UnitEvent) => void;
  /** How many numbers each process's scoreboard has. Default 0. */
  readonly places?: number;
  /** Called with every incarnation of a process. */
  readonly onStarted?: (unit: string, incarnation: number, process: WorkerProcess) => void;
  /** Called when a process has stood still for half of `hangTimeout`; settles with where, if that can be told. */
  readonly onBlocked?: (process: WorkerProcess, incarnation: number, ms: number) => Promise<ExitStack | undefined>;
  /** Where the main thread of a process stands that does not answer while it is stopped, if that can be told. */
  readonly locate?: (process: WorkerProcess) => Promise<string | undefined>;
  /** Called with what an incarnation of a process tells the supervisor. */
  readonly onTold: (unit: string, incarnation: number, event: unknown) => void;
  /** Called with every line that an incarnation of a process writes, before its exit is told. */
  readonly onOutput: (unit: string, incarnation: number, stream: OutputStream, line: string) => void;
}

/** How the processes that are no longer wanted end. */
export interface ProcessEnding {
  readonly budget: ShutdownBudget;
  /** When it aborts, what is in flight is given up at once. */
  readonly hurry: AbortSignal;
  /** What their end is put down to. */
  readonly why: Exit;
}

export interface ProcessRollOptions extends ProcessEnding {
  /** The slots to replace, in order; default all of them. */
  readonly units?: readonly string[];
  readonly limits: RolloutLimits;
  /**
   * How many generations back a process may go on, without accepting, that still has connections when its drain is over.
   * Each roll to another recipe makes a generation, and ends what is older. Default 0.
   */
  readonly keep?: number;
  /** Gives the rollout up when it aborts. */
  readonly signal: AbortSignal;
}

interface MutableRecipe extends ProcessRecipe {
  readonly generation: number;
  body: unknown;
  startTimeout: number;
}

/** Owns one process a slot until `stop` or `kill`; the sockets stay the caller's. */
export class ProcessGroup {
  readonly #processes: SlotGroup<WorkerProcess>;
  readonly #hooks: Pick<ProcessGroupOptions, "places" | "onStarted" | "onBlocked" | "locate" | "onTold" | "onOutput">;
  readonly #generations = new Generations<WorkerProcess>(0);
  /** Shared by all slots that start by it, so that a change of its body holds for their restarts too. */
  #recipe: MutableRecipe;

  private constructor(options: ProcessGroupOptions) {
    const { exec, body, sockets, startTimeout, hangTimeout, identity } = options;
    this.#recipe = { exec, body, sockets, startTimeout, hangTimeout, identity, generation: 1 };
    this.#hooks = options;
    this.#processes = new SlotGroup<WorkerProcess>({
      units: options.units,
      limits: options.restart,
      start: this.#starter(this.#recipe),
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

  /** Processes that were replaced and go on with the connections that they have. */
  get kept(): readonly KeptUnit<WorkerProcess>[] {
    return this.#processes.kept;
  }

  /** How often a process may be restarted. A change holds from the next exit on. */
  get restart(): RestartLimits {
    return this.#processes.limits;
  }

  set restart(limits: RestartLimits) {
    this.#processes.limits = limits;
  }

  /** What processes are told that start from now on, restarts included. */
  set body(body: unknown) {
    this.#recipe.body = body;
  }

  /** How long those may take until they are ready, in ms. */
  set startTimeout(ms: number) {
    this.#recipe.startTimeout = ms;
  }

  /**
   * Replaces processes, new before old. When all are replaced, processes that are added later follow the new recipe too;
   * after a failure they follow the old one.
   */
  async roll(recipe: ProcessRecipe, options: ProcessRollOptions): Promise<RollResult> {
    const { budget, hurry, why, limits, keep = 0, signal, units = this.slots.map(({ unit }) => unit) } = options;
    const isSame = recipe === this.#recipe;
    const fresh = isSame ? this.#recipe : { ...recipe, generation: this.#generations.current + 1 };
    const ended: Promise<void>[] = [];
    const takeOver = () => {
      // A roll that only tries ends nothing of what is kept.
      ended.push(this.keep(keep, options));
      const decisions = this.#generations.decide({ type: "took-over", generation: fresh.generation });
      ended.push(this.#endKept(decisions, options));
    };
    const end = async (process: WorkerProcess) => {
      if (isSame || process.generation === fresh.generation) return process.stop(budget, hurry, why);
      takeOver();
      return keep === 0 ? process.stop(budget, hurry, why) : this.#retire(process, options);
    };
    const result = await roll(this.#processes, { units, limits, start: this.#starter(fresh), end, signal });
    if (result.ok && !isSame) {
      this.#recipe = fresh;
      // Nothing old had to be ended if it was dead.
      takeOver();
    }
    await Promise.all(ended);
    return result;
  }

  /** Ends the processes that are kept and older than so many generations. Resolves when they are gone. */
  async keep(generations: number, ending: ProcessEnding): Promise<void> {
    await this.#endKept(this.#generations.decide({ type: "limit", keep: generations }), ending);
  }

  async #retire(process: WorkerProcess, ending: ProcessEnding): Promise<void> {
    const { budget, hurry, why } = ending;
    const whenDone = { ...why, text: `${why.text}, and its last connection has ended` };
    if (await process.retire(budget, hurry, whenDone)) return;
    const { generation } = process;
    for (const { action } of this.#generations.decide({ type: "overdue", unit: process, generation })) {
      if (action === "end") await process.stop({ ...budget, drain: 0 }, hurry, why);
      else this.#processes.keep(process);
    }
    void process.exited.then(() => this.#generations.decide({ type: "gone", unit: process }));
  }

  async #endKept(
    decisions: readonly GenerationDecision<WorkerProcess>[],
    { budget, hurry, why }: ProcessEnding,
  ): Promise<void> {
    const tooOld = { ...why, text: `${why.text}, and its generation is kept no longer` };
    await Promise.all(decisions.map(({ unit }) => unit.stop(budget, hurry, tooOld)));
  }

  /** Replaces processes by the same, new before old. */
  recycle(options: ProcessRollOptions): Promise<RollResult> {
    return this.roll(this.#recipe, options);
  }

  /**
   * Adds a slot; resolves when its process serves.
   *
   * @throws {ProcessStartError} when it can't start; then there is no such slot
   */
  async add(unit: string): Promise<void> {
    await this.#processes.add(unit, this.#starter(this.#recipe));
  }

  /** Takes a slot away; drains and ends its process. Resolves when it is gone. */
  async remove(unit: string, { budget, hurry, why }: ProcessEnding): Promise<void> {
    await this.#processes.remove(unit, (process) => process.stop(budget, hurry, why));
  }

  /** Drains and ends every process. Resolves when all are gone. */
  async stop(budget: ShutdownBudget, hurry: AbortSignal): Promise<void> {
    this.#generations.decide({ type: "close" });
    await this.#processes.stop((process) => process.stop(budget, hurry));
  }

  /** After the restart policy gave up: starts every process again, with nothing on record. */
  async revive(): Promise<void> {
    await this.#processes.revive();
  }

  /** Ends every process at once; what they were serving is lost. Resolves when all are gone. */
  async kill(): Promise<void> {
    await this.#processes.kill();
  }

  #starter(recipe: MutableRecipe): StartUnit<WorkerProcess> {
    return (unit, incarnation) => {
      // Read it at every start: its body may have changed.
      const { exec, body, sockets, startTimeout, hangTimeout, identity, generation } = recipe;
      const process = new WorkerProcess({
        unit,
        incarnation,
        generation,
        exec,
        body,
        sockets,
        startTimeout,
        hangTimeout,
        identity,
        places: this.#hooks.places ?? 0,
        onBlocked: async (blocked, ms) => this.#hooks.onBlocked?.(blocked, incarnation, ms),
        locate: async (deaf) => this.#hooks.locate?.(deaf),
        onEvent: (event) => this.#hooks.onTold(unit, incarnation, event),
        onOutput: (stream, line) => this.#hooks.onOutput(unit, incarnation, stream, line),
      });
      this.#hooks.onStarted?.(unit, incarnation, process);
      return process;
    };
  }
}
