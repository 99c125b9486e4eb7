// One process's share of a service: it accepts, and serves on its threads, or by itself when it has none.
import { SharedRate } from "@plait/net";
import type { Exit, RestartLimits, RollResult, Unfinished, WatchdogLimits } from "@plait/policy";
import { eachLine, type NativeHandle, type OutputStream } from "@plait/process";
import {
  ComputePool,
  type ComputePoolOptions,
  loadPlacement,
  type Recording,
  type ThreadDump,
  type ThreadEnding,
  type ThreadEvent,
  type ThreadRollOptions,
  type ThreadStopBudget,
} from "@plait/thread";
import { listTasks } from "@plait/thread/tasks";
import type { ConnectionBook } from "./connection-book.ts";
import { CounterPlaces } from "./counter-places.ts";
import { DirectListeners } from "./direct/direct-listeners.ts";
import { ThreadBooks } from "./direct/thread-books.ts";
import { type ConnectionTaker, Dispatcher } from "./dispatcher.ts";
import type { ProcessDump } from "./dump.ts";
import { InlineServer } from "./inline-server.ts";
import { LastLines } from "./last-lines.ts";
import { LatencyRecorder } from "./latency.ts";
import type { ListenerSetup } from "./listener-setup.ts";
import { moduleBeside } from "./module-beside.ts";
import { ProcessAcceptors } from "./process-acceptors.ts";
import { type Observed, type RecycleMarks, Recycler } from "./recycler.ts";
import type { ProcessShare } from "./status.ts";
import { collect, isStream } from "./stream-result.ts";
import { LONGEST_LINE, markLine } from "./thread-lines.ts";
import type { ThreadData } from "./thread-main.ts";
import { ThreadsServer } from "./threads-server.ts";

/** What a process is told about its share: plain data, it crosses to another process. */
export interface BodyOptions {
  /** Absolute path of the service's module. */
  readonly entry: string;
  /** In the order in which their sockets come. */
  readonly listeners: readonly ListenerSetup[];
  readonly threads: number;
  /** Connections that one thread, or a process without threads, serves at once. */
  readonly coroutines: number;
  /** Accepted connections that may wait for a coroutine. */
  readonly queue: number;
  /** Which thread a connection goes to: a policy's name, or the path of a module. */
  readonly placement: string;
  readonly offload: ComputePoolOptions;
  /** How long the service may take to load, in ms. */
  readonly startTimeout: number;
  /** Restarts of this process's threads. */
  readonly restart: RestartLimits;
  readonly watchdog: WatchdogLimits;
  /** JavaScript heap of each thread, in bytes; undefined leaves it to V8. */
  readonly threadHeap: number | undefined;
  /** When a healthy thread is replaced, and how long the old one may take. */
  readonly recycle: {
    readonly marks: RecycleMarks;
    readonly minLifetime: number;
    readonly budget: ThreadStopBudget;
  };
}

/** What became of a unit that had reached a limit of `recycle`. */
export type RecycleEvent =
  | { readonly type: "recycling"; readonly unit: string; readonly why: string }
  /** The old one goes on; it is tried again later. */
  | { readonly type: "recycle-failed"; readonly unit: string; readonly reason: string };

/** Something that happened inside a process, for its supervisor's log. */
export type BodyEvent =
  | ThreadEvent
  /** A thread's end, with the last lines that it had written on standard error. */
  | (Extract<ThreadEvent, { type: "exited" }> & { readonly lastLines: readonly string[] })
  | RecycleEvent
  | { readonly type: "accept-failed"; readonly unit: string; readonly reason: string };

export interface BodyHooks {
  /** Where every connection is entered. */
  readonly book: ConnectionBook;
  readonly tell: (event: BodyEvent) => void;
  /** Called with every line that a thread writes, marked with its id (`markLine`). */
  readonly write: (stream: OutputStream, line: string) => void;
  /** Called when the threads were restarted too often: the process has to end. */
  readonly fail: (reason: string) => void;
  /**
   * One more duplicate of the socket of the listener with that index; undefined when the listener is closed. Left out:
   * there is nobody to ask, and no thread accepts itself.
   */
  readonly duplicate?: (listener: number) => Promise<NativeHandle | undefined>;
}

/** Whoever serves the connections that a process accepts. */
interface ConnectionServer extends ConnectionTaker {
  /**
   * Finishes what is in flight, cancels what is left, and ends. Gets no connection from now on. Settles with what had to be
   * cancelled in this thread itself.
   */
  stop(budget: ThreadStopBudget, hurry: AbortSignal): Promise<Unfinished | undefined>;
  /** Calls a method of the service in a unit; within so many ms. */
  call(unit: string, method: string, args: readonly unknown[], timeout: number): Promise<unknown>;
  share(): Promise<Omit<ProcessShare, "full" | "latencies">>;
  /** How many threads it has. */
  readonly threads: number;
  /** What its threads are doing. */
  dump(locals: boolean): Promise<readonly ThreadDump[]>;
  /** Writes a profile or a snapshot of one of its threads to a file. */
  record(thread: string, recording: Recording, file: string): Promise<void>;
  /** Gives it these threads. */
  resize(threads: readonly string[], ending: ThreadEnding): Promise<void>;
  /** Replaces threads, new before old. */
  restart(threads: readonly string[], options: Omit<ThreadRollOptions, "units" | "limits">): Promise<RollResult>;
  /** Takes over listeners' limits, and how long a thread that starts later may take, in ms. */
  update(listeners: readonly ListenerSetup[], startTimeout: number): Promise<void>;
  /** Reads the listeners' certificates again; rejects, and keeps the old ones, if one is broken. */
  reloadTls(): Promise<void>;
  /** What its threads have grown to. */
  observe(): Promise<readonly Observed[]>;
}

/** Owns its acceptors, the connections that wait, its threads and its compute pool, until `drain` has resolved. */
export class ServiceBody {
  readonly #unit: string;
  readonly #tell: BodyHooks["tell"];
  readonly #server: ConnectionServer;
  readonly #compute: ComputePool;
  #recycler: Recycler | undefined;
  readonly #dispatcher: Dispatcher;
  #listeners: readonly ListenerSetup[];
  readonly #acceptors: ProcessAcceptors;
  readonly #direct: DirectListeners;
  readonly #hurry = new AbortController();
  readonly #latencies: LatencyRecorder;

  private constructor(
    unit: string,
    { queue, listeners, recycle }: BodyOptions,
    { tell, book, duplicate }: BodyHooks,
    server: ConnectionServer,
    direct: DirectListeners,
    compute: ComputePool,
    latencies: LatencyRecorder,
  ) {
    this.#direct = direct;
    this.#latencies = latencies;
    this.#unit = unit;
    this.#compute = compute;
    this.#listeners = listeners;
    this.#tell = tell;
    this.#server = server;
    this.#recycler = this.#newRecycler(recycle);
    this.#acceptors = new ProcessAcceptors({
      setups: listeners,
      duplicate,
      offer: (socket, listener, onEnd) => this.#dispatcher.offer(socket, listener, onEnd),
      onFailed: (reason) => tell({ type: "accept-failed", unit, reason }),
    });
    this.#dispatcher = new Dispatcher({
      server,
      book,
      queue,
      onFull: (isFull) => {
        this.#acceptors.isFull = isFull;
      },
    });
  }

  /**
   * Loads the service and, with threads, starts them.
   *
   * @throws {ThreadStartError | ServiceLoadError | NotAServiceError} when the service can't be loaded
   */
  static async start(unit: string, options: BodyOptions, hooks: BodyHooks): Promise<ServiceBody> {
    const { tell, fail, write, duplicate } = hooks;
    let body: ServiceBody | undefined;
    const onRoom = () => body?.pump();
    const { entry, listeners, threads, coroutines, startTimeout, restart, watchdog, threadHeap } = options;
    const compute = new ComputePool(options.offload);
    const lastLines = new LastLines();
    const places = new CounterPlaces();
    const rates = SharedRate.memory(listeners.length);
    const latencies = LatencyRecorder.memory();
    const books = new ThreadBooks();
    const direct = new DirectListeners({
      duplicate: async (listener) => duplicate?.(listener),
      onRoom,
      onFailed: (thread, reason) => tell({ type: "accept-failed", unit: thread, reason }),
    });
    const isDirect = listeners.some((listener) => listener.direct);
    if (isDirect) process.once("exit", () => books.save());
    const isHanded = !listeners.every((listener) => listener.direct);
    const dataOf = (thread: string, incarnation: number): ThreadData => {
      const place = places.of(thread, incarnation);
      return {
        entry,
        // A thread that starts later begins with what has changed since.
        listeners: body === undefined ? listeners : body.#listeners,
        counters: places.memory,
        place,
        rates,
        latencies,
        accepting: isDirect
          ? {
              books: books.memory,
              place,
              coroutines,
              isHanded,
              threads: body === undefined ? threads : body.#server.threads,
            }
          : undefined,
      };
    };
    const server =
      threads === 0
        ? await InlineServer.open({
            entry,
            unit,
            listeners,
            coroutines,
            compute,
            onRoom,
            latencies: new LatencyRecorder(latencies),
          })
        : await ThreadsServer.open({
            units: threadNames(unit, threads),
            filename: moduleBeside("thread-main"),
            data: dataOf,
            accepting: isDirect
              ? (thread, incarnation) => {
                  const book = books.open(thread, incarnation, places.of(thread, incarnation));
                  return { line: direct.line(thread), stats: () => book.stats };
                }
              : undefined,
            coroutines,
            placement: await loadPlacement(options.placement),
            compute,
            startTimeout,
            restart,
            watchdog,
            heap: threadHeap,
            onRoom,
            onOutput: (thread, incarnation, stream, output) =>
              eachLine(
                output,
                (line) => {
                  if (stream === "stderr") lastLines.add(thread, incarnation, line);
                  write(stream, markLine(thread, line));
                },
                LONGEST_LINE,
              ),
            onEvent: (event) => {
              if (event.type === "exited") {
                const { unit: thread, incarnation } = event;
                tell({ ...event, lastLines: lastLines.of(thread, incarnation) });
                lastLines.forget(thread, incarnation);
                books.close(thread, incarnation);
                places.release(thread, incarnation);
              } else {
                tell(event);
              }
              if (event.type === "gave-up") fail(event.reason);
              if (event.type === "unending") fail(`${event.unit} could not be ended`);
            },
          });
    body = new ServiceBody(unit, options, hooks, server, direct, compute, new LatencyRecorder(latencies));
    return body;
  }

  /** Accepts from the socket of the listener with that index, until drained; owns the handle from now on. */
  async listen(handle: NativeHandle, index: number, backlog: number): Promise<void> {
    const accepting = this.#listeners[index]?.direct ? this.#direct : this.#acceptors;
    await accepting.open(handle, index, backlog);
  }

  /**
   * Accepts no more and finishes what is in flight; resolves when every connection has ended and the service stopped.
   *
   * @param budget a drain of Infinity waits for as long as there are connections, or until `hurry`
   * @returns what had to be cancelled; of its threads, that is told with their ends
   */
  async drain(budget: ThreadStopBudget): Promise<Unfinished | undefined> {
    this.#acceptors.close();
    this.#direct.close();
    this.#recycler?.close();
    const hurry = this.#hurry.signal;
    const startedAt = performance.now();
    const deadline = Number.isFinite(budget.drain) ? [AbortSignal.timeout(budget.drain)] : [];
    await this.#dispatcher.drain(AbortSignal.any([hurry, ...deadline]));
    const left = Math.max(0, budget.drain - (performance.now() - startedAt));
    const unfinished = await this.#server.stop({ drain: left, cancel: budget.cancel }, hurry);
    await this.#compute.destroy();
    return unfinished;
  }

  /** Takes over what can change while it serves: see `changedSetup`, recycling, and the time that threads have to start. */
  async update({ listeners, recycle, startTimeout }: BodyOptions): Promise<void> {
    this.#listeners = listeners;
    this.#acceptors.update(listeners);
    this.#recycler?.close();
    this.#recycler = this.#newRecycler(recycle);
    await this.#server.update(listeners, startTimeout);
  }

  /** Reads the listeners' certificates again; rejects if one is broken, and the old ones stay in use. */
  reloadTls(): Promise<void> {
    return this.#server.reloadTls();
  }

  private pump(): void {
    this.#dispatcher.pump();
  }

  /** Gives up what is in flight: a drain that is under way goes on to its next step. */
  hurry(): void {
    this.#hurry.abort();
  }

  /**
   * Calls a method of the service for the supervisor. A stream comes as an array, whole.
   *
   * @throws {StreamTooLongError} when it has more items than the supervisor takes
   */
  async call(unit: string, method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    const since = performance.now();
    const result = await this.#server.call(unit, method, args, timeout);
    return isStream(result) ? collect(result, { unit, method, timeout, since }) : result;
  }

  /** What this process's own thread is doing, and its serving threads. */
  async dump(locals: boolean): Promise<Pick<ProcessDump, "tasks" | "threads">> {
    return { tasks: listTasks(locals), threads: await this.#server.dump(locals) };
  }

  /** Writes a profile or a snapshot of a serving thread to a file. */
  record(thread: string, recording: Recording, file: string): Promise<void> {
    return this.#server.record(thread, recording, file);
  }

  /**
   * Adds serving threads, or drains and ends some, the latest first, until there are so many.
   *
   * @throws {ThreadStartError} when an additional one can't start; those before it stay
   */
  async resize(threads: number, budget: ThreadStopBudget): Promise<void> {
    const why: Exit = { cause: "planned", text: "scaled down" };
    const ending = { budget, hurry: this.#hurry.signal, why };
    await this.#withoutRecycling(() => this.#server.resize(threadNames(this.#unit, threads), ending));
  }

  /** Replaces serving threads by new ones, new before old, one after the other. */
  restartThreads(threads: readonly string[], budget: ThreadStopBudget): Promise<RollResult> {
    const why: Exit = { cause: "operator", text: "restarted by command" };
    const hurry = this.#hurry.signal;
    return this.#withoutRecycling(() => this.#server.restart(threads, { budget, hurry, why, signal: hurry }));
  }

  #newRecycler({ marks, minLifetime, budget }: BodyOptions["recycle"]): Recycler | undefined {
    if (marks.memory === undefined && marks.age === undefined) return undefined;
    return new Recycler({
      marks,
      minLifetime,
      observe: () => this.#server.observe(),
      replace: async (unit, why, signal) => {
        this.#tell({ type: "recycling", unit, why: why.text });
        const result = await this.#server.restart([unit], { budget, hurry: this.#hurry.signal, why, signal });
        if (!result.ok) this.#tell({ type: "recycle-failed", unit, reason: result.reason });
        return result.ok;
      },
    });
  }

  /** One change at a time: a thread that is being recycled keeps its old one. */
  async #withoutRecycling<T>(change: () => Promise<T>): Promise<T> {
    await this.#recycler?.pause();
    try {
      return await change();
    } finally {
      this.#recycler?.resume();
    }
  }

  async share(): Promise<ProcessShare> {
    return {
      ...(await this.#server.share()),
      full: this.#acceptors.isFull || (this.#listeners.some(({ direct }) => direct) && !this.#server.hasRoom),
      latencies: this.#latencies.read(),
    };
  }
}

function threadNames(unit: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${unit}.t${index + 1}`);
}
