// Serves a service in processes of its own.
import { setTimeout as sleep } from "node:timers/promises";
import type { RolloutLimits, RollResult, ShutdownBudget, UnitEvent } from "@plait/policy";
import {
  ProcessCallTimeoutError,
  type ProcessEnding,
  ProcessExitedError,
  ProcessGroup,
  type ProcessGroupOptions,
  ProcessStartError,
  type WorkerProcess,
} from "@plait/process";
import type { BlockedStack, Recording } from "@plait/thread/inspect";
import { UnitNotServingError } from "@plait/thread/remote";
import type { BodyEvent, BodyOptions } from "./body.ts";
import { bookPlaces, readBook } from "./connection-book.ts";
import type { ProcessDump } from "./dump.ts";
import { UnknownNameError } from "./errors.ts";
import { moduleBeside } from "./module-beside.ts";
import { ProcessLedger } from "./process-ledger.ts";
import { ProcessUsages } from "./process-usage.ts";
import type { Observed } from "./recycler.ts";
import type { KeptProcess, ProcessShare, ProcessSlot, RemovedSlot } from "./status.ts";

/** How long a process that stands still may take to show its stack, in ms. */
const STACK_MS = 4_000;

/** How long a process may take to answer for `status`, in ms; past it its threads are shown as last seen. */
const STATUS_MS = 600;

/** How much longer than a call itself its answer may take, in ms. */
const ANSWER_MS = 1_000;
/** How long a process may take to take over a change, in ms. */
const UPDATE_MS = 3_000;
/** A process whose main thread does not answer within so many ms may be stuck. */
const PING_MS = 1_000;
/** How long a process may take to tell what its threads are doing, some of them stuck, in ms. */
const DUMP_MS = 20_000;
/** How long a heap may take to be written, in ms. */
const WRITE_MS = 300_000;

/** What processes are started with. */
export interface ProcessPlan
  extends Pick<ProcessGroupOptions, "sockets" | "startTimeout" | "hangTimeout" | "identity"> {
  readonly body: BodyOptions;
}

export interface InProcessesOptions extends ProcessPlan, Pick<ProcessGroupOptions, "units" | "restart" | "onOutput"> {
  readonly onEvent: (event: UnitEvent) => void;
  /** Called with what happened inside an incarnation of a process. */
  readonly onTold: (unit: string, incarnation: number, event: BodyEvent) => void;
}

export interface ReplaceOptions extends ProcessEnding {
  readonly limits: RolloutLimits;
  /** How many generations back a process with connections may go on. */
  readonly keep: number;
  /** Gives it up when it aborts. */
  readonly signal: AbortSignal;
}

const UNSEEN: ProcessShare = { full: false, threads: [], coroutines: null, latencies: null };

/** Owns the processes until `stop` has resolved. */
export class InProcesses {
  readonly #group: ProcessGroup;
  readonly #ledger: ProcessLedger;
  readonly #faults: Faults;
  readonly #usages = new ProcessUsages();
  /** What each process answered last. */
  readonly #seen = new WeakMap<WorkerProcess, ProcessShare>();

  #plan: ProcessPlan;
  /** The rollout that is under way, or was last. */
  #rolled: Promise<unknown> = Promise.resolve();

  private constructor(group: ProcessGroup, plan: ProcessPlan, ledger: ProcessLedger, faults: Faults) {
    this.#plan = plan;
    this.#group = group;
    this.#ledger = ledger;
    this.#faults = faults;
  }

  static async start(options: InProcessesOptions): Promise<InProcesses> {
    const ledger = new ProcessLedger();
    const faults = new Faults();
    const group = await ProcessGroup.start({
      ...options,
      exec,
      places: bookPlaces,
      onStarted: (unit, incarnation, { numbers }) => ledger.open(unit, incarnation, numbers),
      onBlocked: async (process, incarnation, ms) => {
        const { unit } = process;
        const stack = await stackOf(process);
        const { frames = [], running } = stack ?? {};
        options.onTold(unit, incarnation, { type: "blocked", unit, ms, frames, running });
        return stack;
      },
      locate: async (process) => (await stackOf(process))?.frames[0],
      onTold: (unit, incarnation, event) => {
        const told = event as BodyEvent;
        options.onTold(unit, incarnation, told);
        faults.report(unit, incarnation, told);
      },
      onEvent: (event) => {
        if (event.type === "exited") ledger.close(event.unit, event.incarnation);
        options.onEvent(event);
      },
    });
    return new InProcesses(group, options, ledger, faults);
  }

  get units(): readonly string[] {
    return this.#group.slots.map(({ unit }) => unit);
  }

  /**
   * Calls a method of the service in a unit, within so many ms.
   *
   * @throws {UnitNotServingError} when its process or its thread does not serve now
   */
  async call(unit: string, method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    const [name] = unit.split(".");
    const running = this.#group.slots.find((slot) => slot.unit === name)?.running;
    if (running === undefined) throw new UnitNotServingError(unit, this.units);
    // A process that is alive answers by then: with the result, or with who was late.
    return running.call("call", [unit, method, args, timeout], timeout + ANSWER_MS);
  }

  set restart(limits: ProcessGroupOptions["restart"]) {
    this.#group.restart = limits;
  }

  /** How many processes serve. */
  get ready(): number {
    return this.#group.slots.filter(({ state }) => state === "ready").length;
  }

  async status(): Promise<readonly ProcessSlot[]> {
    return Promise.all(
      this.#group.slots.map(async (slot) => {
        const asked = slot.running;
        const share = await asked?.call("share", [], STATUS_MS).catch(() => undefined);
        if (asked && share) this.#seen.set(asked, share as ProcessShare);
        const { unit, state, incarnation, running, startedAt, lastExit, next } = slot;
        return {
          unit,
          state,
          pid: running?.pid ?? null,
          incarnation,
          startedAt,
          lastExit: lastExit?.text ?? null,
          next: next ? { pid: next.unit.pid, incarnation: next.incarnation, ready: next.ready } : null,
          ...((running && this.#seen.get(running)) ?? UNSEEN),
          ...this.#ledger.of(unit),
        };
      }),
    );
  }

  /** What is in the books of slots that are not there any more. */
  get removed(): readonly RemovedSlot[] {
    return this.#ledger.others(this.units);
  }

  /** Processes that were replaced and go on with the connections that they have. */
  get kept(): readonly Omit<KeptProcess, "usage">[] {
    return this.#group.kept.map(({ slot, incarnation, unit: process }) => {
      const { generation, pid, startedAt } = process;
      return { unit: slot, incarnation, generation, pid, startedAt, ...readBook(process.numbers()) };
    });
  }

  /** Ends those that are older than so many generations. Resolves when they are gone. */
  keep(generations: number, ending: ProcessEnding): Promise<void> {
    return this.#group.keep(generations, ending);
  }

  /** Resolves when no process of a slot is kept. */
  async nothingKept(slot: string): Promise<void> {
    const kept = this.#group.kept.filter((each) => each.slot === slot);
    await Promise.all(kept.map(({ unit }) => unit.exited));
  }

  /** What the processes are doing; where the main thread is stuck of one that does not answer. */
  async dump(locals: boolean): Promise<readonly ProcessDump[]> {
    const dumps = this.#group.slots.flatMap(({ unit, incarnation, running, next }) => [
      ...(running ? [dumpOf(running, unit, incarnation, locals)] : []),
      ...(next?.ready ? [dumpOf(next.unit, unit, next.incarnation, locals)] : []),
    ]);
    for (const { slot, incarnation, unit } of this.#group.kept) dumps.push(dumpOf(unit, slot, incarnation, locals));
    // Leave out one that ends meanwhile.
    return (await Promise.all(dumps)).filter((dump) => dump !== undefined);
  }

  /**
   * Writes a profile or a snapshot to a file: of a process's main thread, or of a serving thread.
   *
   * @throws {UnknownNameError} when nothing with that id runs
   * @throws {ProcessCallTimeoutError} when the thread's process does not answer for it
   */
  async record(unit: string, recording: Recording, file: string): Promise<void> {
    const [owner = unit] = unit.split(".");
    const running = this.#group.slots.filter((slot) => slot.running);
    const process = running.find((slot) => slot.unit === owner)?.running;
    if (!process)
      throw new UnknownNameError(
        "unit",
        unit,
        running.map((slot) => slot.unit),
      );
    const ms = WRITE_MS + (recording.kind === "cpu" ? recording.ms : 0);
    if (unit === owner) {
      await process.holdUp("record", [recording, file], ms);
    } else {
      await process.call("ping", [], PING_MS);
      await process.call("record", [unit, recording, file], ms);
    }
  }

  /**
   * Replaces every process, new before old. A thread that dies in a process which is not proven yet is a failure of the
   * new code like the process's own death.
   */
  async roll(plan: ProcessPlan, options: ReplaceOptions): Promise<RollResult> {
    const { slots } = this.#group;
    const isUnproven = (unit: string, incarnation: number) => {
      const next = slots.find((slot) => slot.unit === unit)?.next;
      // Before it is ready, its own failure to start says more than the death of a thread that can't load.
      return next?.incarnation === incarnation && next.ready;
    };
    const signal = AbortSignal.any([options.signal, this.#faults.watch(isUnproven)]);
    const rolled = this.#group.roll({ ...plan, exec }, { ...options, signal });
    this.#rolled = rolled.catch(() => {});
    const result = await rolled;
    if (result.ok) this.#plan = plan;
    return result;
  }

  /** Replaces processes by the same, new before old. */
  async recycle(units: readonly string[], options: Omit<ReplaceOptions, "limits" | "keep">): Promise<RollResult> {
    const limits = { canary: 1, soak: 0, surge: 1, unavailable: 0 };
    return this.#group.recycle({ ...options, limits, units });
  }

  /**
   * Gives every process so many threads, one process after the other, and those that start later.
   *
   * @throws {ThreadStartError} when an additional one can't start; processes before that one keep theirs
   */
  async resizeThreads(threads: number, budget: ShutdownBudget): Promise<void> {
    for (const { running } of this.#group.slots) {
      if (running) await running.call("resize", [threads, threadBudget(budget)], changeMs(budget, this.#plan));
    }
    const body: BodyOptions = { ...this.#plan.body, threads };
    this.#plan = { ...this.#plan, body };
    this.#group.body = body;
  }

  /**
   * Replaces threads of one process, new before old.
   *
   * @throws {UnknownNameError} when they don't run
   */
  async restartThreads(threads: readonly string[], budget: ShutdownBudget): Promise<RollResult> {
    const [owner] = (threads[0] ?? "").split(".");
    const running = this.#group.slots.find((slot) => slot.unit === owner)?.running;
    if (!running) throw new UnknownNameError("unit", String(threads[0]), this.units);
    const ms = threads.length * changeMs(budget, this.#plan);
    return (await running.call("restartThreads", [threads, threadBudget(budget)], ms)) as RollResult;
  }

  /** How processes are started now. */
  get plan(): ProcessPlan {
    return this.#plan;
  }

  /**
   * Has every process take over what can change while it serves, those that are starting or start later included.
   * Resolves when all have that answer in time; one that is blocked does when it goes on.
   */
  async update(plan: Pick<ProcessPlan, "body" | "startTimeout">): Promise<void> {
    this.#plan = { ...this.#plan, ...plan };
    this.#group.body = plan.body;
    this.#group.startTimeout = plan.startTimeout;
    await this.#callAll("update", [plan.body]);
  }

  /**
   * Has every process read the certificates again.
   *
   * @throws {Error} of the first that could not use them; it goes on with the old ones
   */
  reloadTls(): Promise<void> {
    return this.#callAll("reloadTls", []);
  }

  async #callAll(method: string, args: readonly unknown[]): Promise<void> {
    await Promise.all(
      this.#group.slots.map(async ({ running }) => {
        try {
          await running?.ready;
          await running?.call(method, args, UPDATE_MS);
        } catch (error) {
          ignoreAbsence(error);
        }
      }),
    );
  }

  /** What each process that runs has grown to. */
  async observe(withMemory: boolean): Promise<readonly Observed[]> {
    const slots = this.#group.slots.map((slot) => ({ ...slot }));
    const pids = slots.flatMap(({ running }) => running?.pid ?? []);
    const usage = withMemory ? await this.#usages.read(pids) : undefined;
    return slots.map(({ unit, incarnation, state, since, running, next }) => ({
      unit,
      incarnation,
      ready: state === "ready" && next === undefined,
      memory: running && usage?.get(running.pid)?.memory,
      age: performance.now() - since,
      connections: running ? readBook(running.numbers()).total : 0,
    }));
  }

  /** @throws {ProcessStartError} when its process can't start; then there is no such slot */
  async add(unit: string): Promise<void> {
    await this.#group.add(unit);
  }

  /** Drains and ends the slot's process. */
  async remove(unit: string, ending: ProcessEnding): Promise<void> {
    await this.#group.remove(unit, ending);
  }

  /** After its restart policy gave up: starts every process again, with nothing on record. */
  async revive(): Promise<void> {
    // What is being rolled out may be what heals it.
    await this.#rolled;
    await this.#group.revive();
  }

  async stop(budget: ShutdownBudget, hurry: AbortSignal): Promise<void> {
    await this.#group.stop(budget, hurry);
  }
}

const exec = moduleBeside("process-main");

/** How long a thread may take to be replaced or taken away, in ms, with the time to tell. */
function changeMs({ drain, cancel }: ShutdownBudget, { startTimeout }: ProcessPlan): number {
  return startTimeout + drain + cancel + ANSWER_MS;
}

/** A process that ends needs no change, and one that does not answer makes it as soon as it can. */
function ignoreAbsence(error: unknown): void {
  const isAbsent =
    error instanceof ProcessExitedError ||
    error instanceof ProcessStartError ||
    error instanceof ProcessCallTimeoutError;
  if (!isAbsent) throw error;
}

function threadBudget({ drain, cancel }: ShutdownBudget): Pick<ShutdownBudget, "drain" | "cancel"> {
  return { drain, cancel };
}

/** Undefined for a process that ends meanwhile. */
async function dumpOf(
  process: WorkerProcess,
  unit: string,
  incarnation: number,
  locals: boolean,
): Promise<ProcessDump | undefined> {
  const dumped = { unit, incarnation, tasks: null, blocked: null, threads: [] };
  try {
    const answers = await process.call("ping", [], PING_MS).then(
      () => true,
      () => false,
    );
    // Stop a main thread or ask it, but not both: see ServingThread.dump.
    const stack = answers ? undefined : await stackOf(process);
    if (stack) return { ...dumped, blocked: stack };
    return { ...dumped, ...((await process.call("dump", [locals], DUMP_MS)) as Partial<ProcessDump>) };
  } catch (error) {
    return error instanceof ProcessCallTimeoutError ? dumped : undefined;
  }
}

/** Where a process's main thread stands; undefined when it does not tell, as one that is stopped. */
async function stackOf(process: WorkerProcess): Promise<BlockedStack | undefined> {
  const late = sleep(STACK_MS, undefined, { ref: false });
  const stack = process.callBeside("stack", []).catch(() => undefined) as Promise<BlockedStack | undefined>;
  return Promise.race([stack, late]);
}

/** Turns the death of a thread in an unproven process into the end of the rollout. */
class Faults {
  #isUnproven: (unit: string, incarnation: number) => boolean = () => false;
  #found = new AbortController();

  /** @returns a signal that aborts with the first fault from now on */
  watch(isUnproven: (unit: string, incarnation: number) => boolean): AbortSignal {
    this.#isUnproven = isUnproven;
    this.#found = new AbortController();
    return this.#found.signal;
  }

  report(unit: string, incarnation: number, event: BodyEvent): void {
    if (event.type !== "exited" || event.exit.cause === "planned" || !this.#isUnproven(unit, incarnation)) return;
    this.#found.abort(`${event.unit} ended: ${event.exit.text}`);
  }
}
