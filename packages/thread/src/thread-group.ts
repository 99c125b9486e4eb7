// The serving threads of one process: places connections on them, counts what they did, and keeps them alive.
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { TaskCounts } from "@plait/coroutine";
import {
  type Exit,
  lookEvery,
  type RestartLimits,
  type RolloutLimits,
  type RollResult,
  roll,
  SlotGroup,
  type UnitEvent,
  type UnitSlot,
  type WatchdogLimits,
} from "@plait/policy";
import type { ThreadAccepting } from "./accepting.ts";
import { addedStats, type OnConnectionEnd, type ThreadStats } from "./connections/connection-lane.ts";
import type { ThreadDump } from "./inspect/inspection.ts";
import type { Compute } from "./offload/compute.ts";
import { processCompute } from "./offload/process-compute.ts";
import { type Candidate, leastConnections, type Placement } from "./placement.ts";
import { type RemoteOptions, RemoteUnits } from "./remote/remote-units.ts";
import { Switchboard } from "./remote/switchboard.ts";
import { ServingThread, type ThreadStopBudget } from "./serving-thread.ts";
import type { ThreadUsage } from "./thread-usage.ts";
import type { ThreadStream } from "./thread-worker.ts";
import { Watchdog, type WatchdogEvent } from "./watchdog/watchdog.ts";

export interface ThreadGroupOptions {
  /** The slots' ids, for example `["p2.t1", "p2.t2"]`. */
  readonly units: readonly string[];
  /** Path of the module whose exports come from `enterThread`. */
  readonly filename: string;
  /** Plain data for each incarnation of a thread. */
  readonly data: (unit: string, incarnation: number) => unknown;
  /** For threads that accept connections themselves: called for each incarnation, before `data`. */
  readonly accepting?: ((unit: string, incarnation: number) => ThreadAccepting) | undefined;
  /** Connections that one thread serves at once. */
  readonly coroutines: number;
  /** How long a thread may take until it is ready, in ms. */
  readonly startTimeout: number;
  /** How often a thread may be restarted, and after what wait. */
  readonly restart: RestartLimits;
  /** Default: the thread with the fewest connections. */
  readonly placement?: Placement;
  /** Who computes what the threads offload. Default: the pool of this process. */
  readonly compute?: Compute;
  /** JavaScript heap of one thread, in bytes. Default: what V8 chooses. */
  readonly heap?: number | undefined;
  /** When a thread that blocks its event loop is reported and replaced. Default: after 2 and 15 s. */
  readonly watchdog?: WatchdogLimits;
  /**
   * Reads what an incarnation of a thread writes; settles at the end of it, which its exit waits for. Default: the
   * process writes it.
   */
  readonly onOutput?: (unit: string, incarnation: number, stream: ThreadStream, output: Readable) => Promise<void>;
  readonly onEvent: (event: ThreadEvent) => void;
  /** Called when a thread that could take no connection can take one again. */
  readonly onRoom: () => void;
}

/** How threads that are replaced or taken away end. */
export interface ThreadEnding {
  readonly budget: ThreadStopBudget;
  /** When it aborts, what is in flight is cancelled at once. */
  readonly hurry: AbortSignal;
  /** Why they end, for their exit. Default: they were stopped. */
  readonly why?: Exit;
}

/** How threads of a group are replaced. */
export interface ThreadRollOptions extends ThreadEnding {
  /** The slots to replace, in order. Default: all of them. */
  readonly units?: readonly string[];
  readonly limits: RolloutLimits;
  /** Gives the rollout up when it aborts. */
  readonly signal: AbortSignal;
}

/** What happens to a group's threads. */
export type ThreadEvent =
  | UnitEvent
  | WatchdogEvent
  /** It was ended, and goes on after so many ms: only the end of its process ends it. */
  | { readonly type: "unending"; readonly unit: string; readonly ms: number };

interface Candidates extends Candidate {
  readonly thread: ServingThread;
}

const WATCHDOG: WatchdogLimits = { report: 2_000, kill: 15_000 };

const NOTHING: ThreadStats = { connections: 0, total: 0, outcomes: {}, lost: 0 };

/** Owns one thread a slot until `stop` or `kill`. */
export class ThreadGroup {
  readonly #threads: SlotGroup<ServingThread>;
  readonly #watchdog: Watchdog;
  readonly #switchboard = new Switchboard(() => this.#ready());
  readonly #remote = new RemoteUnits(this.#switchboard);
  readonly #options: ThreadGroupOptions;
  #startTimeout: number;
  #placementReported = false;
  /** Counters of incarnations that have ended. */
  readonly #past = new Map<string, ThreadStats>();
  /** Every thread that is not gone: while one is replaced, its slot has two. */
  readonly #alive = new Set<ServingThread>();
  /** Those of them that have been ready: also a thread that leaves can block what it still has. */
  readonly #begun = new Set<ServingThread>();

  private constructor(options: ThreadGroupOptions) {
    this.#options = options;
    this.#startTimeout = options.startTimeout;
    const { watchdog = WATCHDOG } = options;
    this.#threads = new SlotGroup<ServingThread>({
      units: options.units,
      limits: options.restart,
      start: (unit, incarnation) => this.#start(unit, incarnation),
      onEvent: (event) => {
        options.onEvent(event);
        if (event.type === "ready") options.onRoom();
      },
    });
    this.#watchdog = new Watchdog({
      limits: watchdog,
      threads: () => this.#begun,
      onEvent: options.onEvent,
      onRoom: options.onRoom,
    });
  }

  /**
   * Starts every thread and resolves when all of them serve.
   *
   * @throws {ThreadStartError} of the first that could not start; the others are ended first
   */
  static async start(options: ThreadGroupOptions): Promise<ThreadGroup> {
    const group = new ThreadGroup(options);
    await group.#threads.start();
    return group;
  }

  get slots(): readonly UnitSlot<ServingThread>[] {
    return this.#threads.slots;
  }

  /** Whether a thread could take a connection now. */
  get hasRoom(): boolean {
    return this.#threads.slots.some((slot) => this.#canTake(slot));
  }

  /**
   * Gives a connection to the thread that the placement picks; the socket is spent. Call it only while there is room.
   *
   * @param acceptedAt handed on to the thread's body as it is
   * @param onEnd called once, after this returns: with the outcome when the connection has ended, with undefined when its
   * thread ended first
   */
  serve(socket: Socket, listener: string, acceptedAt: number | undefined, onEnd: OnConnectionEnd): void {
    const { coroutines, onRoom } = this.#options;
    const candidates: Candidates[] = [];
    for (const slot of this.#threads.slots) {
      const thread = slot.running;
      if (thread && this.#canTake(slot)) {
        candidates.push({ unit: slot.unit, connections: thread.connections, thread });
      }
    }
    const thread = this.#place(candidates, socket.remoteAddress)?.thread;
    if (!thread) throw new Error("no thread has room for the connection");
    const fills = thread.connections + 1 >= coroutines;
    const onEndOfFull: OnConnectionEnd = (outcome) => {
      onEnd(outcome);
      onRoom();
    };
    thread.serve(socket, listener, acceptedAt, fills ? onEndOfFull : onEnd);
  }

  /** Every slot's counters over all its incarnations. */
  get stats(): ReadonlyMap<string, ThreadStats> {
    return new Map(
      this.#threads.slots.map(({ unit }) => {
        const alive = [...this.#alive].filter((thread) => thread.unit === unit);
        return [unit, alive.reduce((sum, thread) => addedStats(sum, thread.stats), this.#past.get(unit) ?? NOTHING)];
      }),
    );
  }

  /** What each slot's running thread uses; one that does not answer within so many ms shows what was last seen. */
  async usage(timeout: number): Promise<ReadonlyMap<string, ThreadUsage>> {
    const running = this.slots.flatMap((slot) => slot.running ?? []);
    return new Map(
      await Promise.all(running.map(async (thread) => [thread.unit, await thread.usage(timeout)] as const)),
    );
  }

  /** Each slot's coroutines by state; of a thread that does not answer within so many ms, what was last seen. */
  async countTasks(timeout: number): Promise<ReadonlyMap<string, TaskCounts>> {
    const running = this.slots.flatMap((slot) => slot.running ?? []);
    const counted = running.map(async (thread) => {
      const counts = await thread.countTasks(timeout);
      return counts ? [[thread.unit, counts] as const] : [];
    });
    return new Map((await Promise.all(counted)).flat());
  }

  /** What the threads are doing; those that are replaced and serve beside the new ones included. */
  async dump(locals: boolean): Promise<readonly ThreadDump[]> {
    // Leave out one that ends meanwhile.
    const asked = [...this.#alive].map((thread) => thread.dump(locals).catch(() => undefined));
    return (await Promise.all(asked))
      .filter((dump) => dump !== undefined)
      .sort((a, b) => a.unit.localeCompare(b.unit, "en", { numeric: true }) || a.incarnation - b.incarnation);
  }

  /**
   * Tells every thread something; its body's `tell` takes it. Resolves when all that answer within so many ms have taken
   * note: one that is blocked does so when it goes on, and one that is starting when it is ready.
   */
  async tell(message: unknown, timeout: number): Promise<void> {
    const told = [...this.#alive].map((thread) => thread.tell(message, timeout));
    await Promise.all(told);
  }

  /** How long a thread may take until it is ready, in ms. A change holds for those that start later. */
  set startTimeout(ms: number) {
    this.#startTimeout = ms;
  }

  /** Calls a method of the service in one of the threads; see `remote`. */
  call(unit: string, method: string, args: readonly unknown[], options: RemoteOptions = {}): Promise<unknown> {
    return this.#remote.call(unit, method, args, options);
  }

  /**
   * Gives the group these slots: starts the ones that are new, then drains and ends the ones that are not named any more.
   * Resolves when they are gone.
   *
   * @throws {ThreadStartError} when a new one can't start; then the group has the slots that it had, and those that could
   */
  async resize(units: readonly string[], { budget, hurry, why }: ThreadEnding): Promise<void> {
    const present = new Set(this.slots.map(({ unit }) => unit));
    const added = units.filter((unit) => !present.has(unit));
    for (const unit of added) await this.#threads.add(unit, (name, incarnation) => this.#start(name, incarnation));
    const removed = [...present].filter((unit) => !units.includes(unit));
    await Promise.all(removed.map((unit) => this.#threads.remove(unit, (thread) => thread.stop(budget, hurry, why))));
  }

  /** Replaces threads, new before old; a new one that fails leaves the old ones serving. */
  async roll({ units, budget, hurry, why, limits, signal }: ThreadRollOptions): Promise<RollResult> {
    return roll(this.#threads, {
      units: units ?? this.slots.map(({ unit }) => unit),
      limits,
      start: (unit, incarnation) => this.#start(unit, incarnation),
      end: (thread) => thread.stop(budget, hurry, why),
      signal,
    });
  }

  /**
   * Drains and ends every thread. Resolves when all are gone. None ends before all have drained: what is in flight on one
   * may call another.
   */
  async stop(budget: ThreadStopBudget, hurry: AbortSignal): Promise<void> {
    const drained = Promise.all([...this.#alive].map((thread) => thread.drained));
    await this.#threads.stop((thread) => thread.stop(budget, hurry, undefined, drained));
    this.#watchdog.close();
  }

  /** Ends every thread at once; what they were serving is lost. Resolves when all are gone. */
  async kill(): Promise<void> {
    await this.#threads.kill();
    this.#watchdog.close();
  }

  #place(candidates: readonly Candidates[], peer: string | undefined): Candidates | undefined {
    const { placement = leastConnections } = this.#options;
    try {
      // A copy, and compared by unit: it may do to its arguments what it likes, and give back what it likes.
      const unit = placement([...candidates], peer)?.unit;
      const chosen = candidates.find((candidate) => candidate.unit === unit);
      if (chosen || candidates.length === 0) return chosen;
      this.#reportPlacement("picked none of the threads that could take a connection");
    } catch (error) {
      this.#reportPlacement(`failed: ${error instanceof Error ? error.stack : error}`);
    }
    // The client is not to blame: it is served all the same.
    return leastConnections(candidates, peer);
  }

  #reportPlacement(what: string): void {
    if (this.#placementReported) return;
    this.#placementReported = true;
    process.emitWarning(
      `The placement ${what}. From the first such connection on, the thread with the fewest gets them.`,
      {
        code: "PLAIT_PLACEMENT",
      },
    );
  }

  #canTake({ state, running }: UnitSlot<ServingThread>): boolean {
    if (state !== "ready" || running === undefined || running.ending) return false;
    return running.connections < this.#options.coroutines && !this.#watchdog.blocked(running);
  }

  *#ready(): Generator<ServingThread, void> {
    for (const { state, running } of this.#threads.slots) {
      // Also one that drains: it stays for what is in flight on the others.
      if (running && (state === "ready" || state === "stopping")) yield running;
    }
  }

  #start(unit: string, incarnation: number): ServingThread {
    const { filename, data, coroutines, heap, watchdog = WATCHDOG } = this.#options;
    const { compute = processCompute(), onOutput } = this.#options;
    const start = {
      unit,
      incarnation,
      filename,
      accepting: this.#options.accepting?.(unit, incarnation),
      data: data(unit, incarnation),
      compute,
      switchboard: this.#switchboard,
    };
    const thread = new ServingThread({
      ...start,
      coroutines,
      startTimeout: this.#startTimeout,
      beatEvery: lookEvery(watchdog),
      heap,
      onUnending: (ms) => this.#options.onEvent({ type: "unending", unit, ms }),
      onOutput: onOutput && ((stream, output) => onOutput(unit, incarnation, stream, output)),
    });
    this.#alive.add(thread);
    thread.ready.then(
      () => this.#begun.add(thread),
      () => {
        // It ends, which its exit tells.
      },
    );
    void thread.exited.then(() => {
      this.#alive.delete(thread);
      this.#begun.delete(thread);
      this.#past.set(unit, addedStats(this.#past.get(unit) ?? NOTHING, thread.stats));
    });
    return thread;
  }
}
