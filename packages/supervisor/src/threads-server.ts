// Serves connections on the threads of a process.
import type { Incoming } from "@plait/net";
import type { RollResult } from "@plait/policy";
import {
  type OnConnectionEnd,
  type Recording,
  type ThreadDump,
  type ThreadEnding,
  ThreadGroup,
  type ThreadGroupOptions,
  type ThreadRollOptions,
  type ThreadStopBudget,
} from "@plait/thread";
import { UnknownNameError } from "./errors.ts";
import type { ListenerSetup, ListenersChange } from "./listener-setup.ts";
import type { Observed } from "./recycler.ts";
import { addTaskCounts, noConnections, type ProcessShare, type ThreadShare } from "./status.ts";

/** How long a thread may take to answer for `status`, in ms; past it the last known usage is shown. */
const STATUS_MS = 300;

/** How long a thread may take to take note of a change, in ms; one that is blocked does when it goes on. */
const TELL_MS = 1_000;

/** Owns the threads until `stop`. */
export class ThreadsServer {
  readonly #group: ThreadGroup;

  private constructor(group: ThreadGroup) {
    this.#group = group;
  }

  static async open(options: ThreadGroupOptions): Promise<ThreadsServer> {
    return new ThreadsServer(await ThreadGroup.start(options));
  }

  get threads(): number {
    return this.#group.slots.length;
  }

  get hasRoom(): boolean {
    return this.#group.hasRoom;
  }

  serve({ socket }: Incoming, listener: string, acceptedAt: number, onEnd: OnConnectionEnd): void {
    // A peer may reset before the thread has it; it is noticed when it is served.
    socket.on("error", () => {});
    this.#group.serve(socket, listener, acceptedAt, onEnd);
  }

  call(unit: string, method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    return this.#group.call(unit, method, args, { timeout });
  }

  async update(listeners: readonly ListenerSetup[], startTimeout: number): Promise<void> {
    this.#group.startTimeout = startTimeout;
    await this.#tell({ setups: listeners });
  }

  reloadTls(): Promise<void> {
    return this.#tell({ certificates: true });
  }

  #tell(change: ListenersChange): Promise<void> {
    return this.#group.tell(change, TELL_MS);
  }

  async share(): Promise<Omit<ProcessShare, "full" | "latencies">> {
    const threads = await this.#threads();
    return { threads, coroutines: threads.map(({ coroutines }) => coroutines).reduce(addTaskCounts, null) };
  }

  async #threads(): Promise<readonly ThreadShare[]> {
    const [usages, counts] = await Promise.all([this.#group.usage(STATUS_MS), this.#group.countTasks(STATUS_MS)]);
    const { stats } = this.#group;
    return this.#group.slots.map(({ unit, state, incarnation, startedAt, lastExit }) => {
      const usage = usages.get(unit) ?? null;
      const coroutines = counts.get(unit) ?? null;
      const connections = stats.get(unit) ?? noConnections;
      return {
        unit,
        state,
        incarnation,
        startedAt,
        lastExit: lastExit?.text ?? null,
        usage,
        coroutines,
        ...connections,
      };
    });
  }

  dump(locals: boolean): Promise<readonly ThreadDump[]> {
    return this.#group.dump(locals);
  }

  async record(unit: string, recording: Recording, file: string): Promise<void> {
    const thread = this.#group.slots.find((slot) => slot.unit === unit)?.running;
    const known = this.#group.slots.filter((slot) => slot.running).map((slot) => slot.unit);
    if (!thread) throw new UnknownNameError("unit", unit, known);
    await thread.record(recording, file);
  }

  async resize(threads: readonly string[], ending: ThreadEnding): Promise<void> {
    await this.#tell({ threads: threads.length });
    try {
      await this.#group.resize(threads, ending);
    } finally {
      // One that can't start leaves fewer.
      await this.#tell({ threads: this.#group.slots.length });
    }
  }

  /** @throws {UnknownNameError} when there is no such thread */
  async restart(threads: readonly string[], options: Omit<ThreadRollOptions, "units" | "limits">): Promise<RollResult> {
    const known = this.#group.slots.map((slot) => slot.unit);
    const unknown = threads.find((unit) => !known.includes(unit));
    if (unknown !== undefined) throw new UnknownNameError("unit", unknown, known);
    const limits = { canary: 1, soak: 0, surge: 1, unavailable: 0 };
    return this.#group.roll({ ...options, units: threads, limits });
  }

  async observe(): Promise<readonly Observed[]> {
    const usages = await this.#group.usage(STATUS_MS);
    const { stats } = this.#group;
    return this.#group.slots.map(({ unit, incarnation, state, since, next }) => ({
      unit,
      incarnation,
      ready: state === "ready" && next === undefined,
      memory: usages.get(unit)?.heapUsed,
      age: performance.now() - since,
      connections: stats.get(unit)?.total ?? 0,
    }));
  }

  /** What a thread's drain did not wait out is told with that thread's end. */
  async stop(budget: ThreadStopBudget, hurry: AbortSignal): Promise<undefined> {
    await this.#group.stop(budget, hurry);
  }
}
