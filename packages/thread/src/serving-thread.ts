// One incarnation of a serving thread, seen from its process's main thread: a Piscina pool of exactly one worker.
//
// One pool a thread, not one pool for all of them: Piscina can't end, pin, resize or restart with backoff a single
// worker of a pool, and replaces a dead one at once. With one each, Piscina does what it is good at (the worker, its
// tasks, their transfer lists and results) and the group above decides about life and placement.
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { MessageChannel, type MessagePort, type Transferable, type Worker } from "node:worker_threads";
import type { TaskCounts, TaskInfo } from "@plait/coroutine";
import { type Exit, shutDown, type Unfinished } from "@plait/policy";
import * as Comlink from "comlink";
import { Piscina } from "piscina";
import { deserializeError } from "serialize-error";
import type { ThreadAccepting } from "./accepting.ts";
import { addedStats, ConnectionLane, type OnConnectionEnd, type ThreadStats } from "./connections/connection-lane.ts";
import { callingEndpoint } from "./endpoint.ts";
import { ThreadCallTimeoutError, ThreadExitedError, ThreadStartError } from "./errors.ts";
import { newGcTime } from "./gc-time.ts";
import { heapLimit } from "./heap-limit.ts";
import { blockedStack, stacksRead } from "./inspect/blocked-stack.ts";
import type { BlockedStack } from "./inspect/read-stack.ts";
import { type Recording, recordWorker } from "./inspect/recording.ts";
import type { Compute } from "./offload/compute.ts";
import { relayCalls } from "./offload/relay.ts";
import { isRejection, newRejection } from "./rejection.ts";
import type { Switchboard } from "./remote/switchboard.ts";
import { threadExit } from "./thread-exit.ts";
import { type ThreadUsage, UsageMeter } from "./thread-usage.ts";
import { type Beat, newBeat } from "./watchdog/beat.ts";
import type { StartResult, StartTask, ThreadMethods } from "./wire.ts";

export interface ServingThreadOptions {
  /** The slot's id, for example `"p2.t1"`. */
  readonly unit: string;
  readonly incarnation: number;
  /** Path of the module whose exports come from `enterThread`. */
  readonly filename: string;
  /** Plain data for the thread. */
  readonly data: unknown;
  /** Connections served at once. */
  readonly coroutines: number;
  /** How long the thread may take until it is ready, in ms. */
  readonly startTimeout: number;
  /** Time between two heartbeats, in ms. */
  readonly beatEvery: number;
  /** Who computes what it offloads. */
  readonly compute: Compute;
  /** Connects it with the threads beside it. */
  readonly switchboard: Switchboard;
  /** Its JavaScript heap, in bytes; undefined leaves it to V8. */
  readonly heap: number | undefined;
  /** For one that accepts connections itself. */
  readonly accepting?: ThreadAccepting | undefined;
  /** Called when it was ended and goes on all the same, so many ms later. */
  readonly onUnending?: (ms: number) => void;
  /** Reads what it writes and settles at the end of it, which `exited` waits for. Default: the process writes it. */
  readonly onOutput?: ((stream: ThreadStream, output: Readable) => Promise<void>) | undefined;
}

export type ThreadStream = "stdout" | "stderr";

/** What a thread is doing. */
export interface ThreadDump {
  readonly unit: string;
  readonly incarnation: number;
  /** Its coroutines, owners before what they own; null when it did not tell. */
  readonly tasks: readonly TaskInfo[] | null;
  /** Where it is stuck; null when it is not, or waits in native code. */
  readonly blocked: BlockedStack | null;
}

/** A thread that does not beat for this long, in ms, may be stuck; at least four beats. */
const BEAT_MS = 500;
/** How long one that is stuck may take to show its stack, in ms. */
const CAPTURE_MS = 3_000;
/** How long one that is to end may take for that, in ms. */
const LAST_CAPTURE_MS = 2_000;
/** How long one that is not may take to list its coroutines, in ms. */
const TELL_MS = 10_000;

/** A thread that is ended is gone by then, in ms, or never will be: it is in native code that does not look. */
const ENDING_MS = 5_000;

/** How long each step of a thread's stop may take, in ms. */
export interface ThreadStopBudget {
  /** Finish what is in flight. Infinity: for as long as it takes, or until it is hurried. */
  readonly drain: number;
  /** Unwind coroutines that were cancelled, then run the service's `stop`. */
  readonly cancel: number;
}

/**
 * A running thread. It owns the worker; `stop` or `kill` releases it, and `exited` settles when it is gone. A call that
 * is pending at that moment rejects with {@link ThreadExitedError}.
 */
export class ServingThread {
  readonly unit: string;
  readonly incarnation: number;
  /** Node's number for it in this process. */
  readonly threadId: number;
  /** Settles when the thread serves; rejects with {@link ThreadStartError}, whose cause is the service's own error. */
  readonly ready: Promise<void>;
  /** Settles once, when the thread is gone. */
  readonly exited: Promise<Exit>;
  readonly #pool: Piscina;
  readonly #port: MessagePort;
  // Hold the proxy for as long as the thread lives, and no longer: Comlink drops the pending replies of one that is
  // collected, and keeps what the proxy's endpoint refers to, which is this, until it is.
  #control: Comlink.Remote<ThreadMethods> | undefined;
  readonly #beat: Beat;
  readonly #worker: Worker;
  readonly #usage: UsageMeter;
  readonly #accepting: ThreadAccepting | undefined;
  readonly #onUnending: (ms: number) => void;
  readonly #lane = new ConnectionLane();
  #counts: TaskCounts | undefined;
  /** How many wait for it to find out where its coroutines stand. */
  #telling = 0;
  #recording = 0;
  #asked = false;
  #killed = false;
  /** Why it was asked to end. */
  #why: Exit | undefined;
  /** The verdict on it for as long as it has not answered that its time is over. */
  #deaf: Exit | undefined;
  /** What its drain did not wait out. */
  #unfinished: Unfinished | undefined;
  #gone: Exit | undefined;
  /** Why the main thread ended it. */
  #verdict: Exit | undefined;

  constructor(options: ServingThreadOptions) {
    this.unit = options.unit;
    this.incarnation = options.incarnation;
    this.#accepting = options.accepting;
    this.#onUnending = options.onUnending ?? (() => {});
    this.#beat = newBeat(options.beatEvery);
    this.#pool = new Piscina({
      filename: options.filename,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      // With Piscina's default the event loop of an idle thread stands still in Atomics.wait.
      atomics: "disabled",
      recordTiming: false,
      ...heapLimit(options.heap),
    });
    // An error that no task carries arrives here as well as at the worker, where it is classified.
    this.#pool.on("error", () => {});

    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#control = Comlink.wrap<ThreadMethods>(
      callingEndpoint(port1, () => new ThreadExitedError(this.unit, this.#gone)),
    );
    port1.unref();

    const ready = Promise.withResolvers<void>();
    const exited = Promise.withResolvers<Exit>();
    this.ready = ready.promise;
    this.exited = exited.promise;
    this.ready.catch(() => {});

    const { port1: relay, port2: calls } = new MessageChannel();
    relayCalls(relay, options.compute);
    const { port1: exchange, port2: switchboard } = new MessageChannel();
    options.switchboard.serve(exchange);

    const gc = newGcTime();
    const rejection = newRejection();
    const task: StartTask = {
      unit: options.unit,
      incarnation: options.incarnation,
      port: port2,
      connections: this.#lane.far,
      compute: { port: calls, load: options.compute.load.cells },
      beat: this.#beat,
      gc,
      rejection,
      switchboard,
      data: options.data,
      line: options.accepting?.line,
    };
    const started = this.#pool.run(task, {
      name: "start",
      ...transferring(
        port2,
        this.#lane.far,
        calls,
        switchboard,
        ...(options.accepting ? [options.accepting.line] : []),
      ),
    }) as Promise<StartResult>;
    const worker: Worker | undefined = this.#pool.threads[0];
    if (!worker) throw new Error("Piscina did not start its worker with the first task");
    // Take the number now: a worker that has ended answers -1.
    this.threadId = worker.threadId;
    this.#worker = worker;
    this.#usage = new UsageMeter(worker, gc);

    const { onOutput } = options;
    const output = onOutput && Promise.all(streams.map((stream) => onOutput(stream, outputOf(worker, stream))));
    let uncaught: unknown;
    worker.once("error", (error: unknown) => {
      uncaught = error;
    });
    worker.once("exit", (code) => {
      clearTimeout(deadline);
      const why =
        this.#verdict ?? this.#deaf ?? this.#why ?? threadExit(code, uncaught, isRejection(rejection), this.#asked);
      const exit: Exit = this.#unfinished ? { ...why, unfinished: this.#unfinished } : why;
      this.#gone = exit;
      this.#control = undefined;
      this.#port.close();
      this.#lane.abandon();
      const cause = uncaught === undefined ? undefined : { cause: uncaught };
      ready.reject(new ThreadStartError(this.unit, `ended before it was ready: ${exit.text}`, cause));
      void this.#pool.destroy();
      // What it wrote last is on its streams when it is gone, and says why.
      if (output) void output.then(() => exited.resolve(exit));
      else exited.resolve(exit);
    });

    const deadline = setTimeout(() => {
      const text = `was not ready within ${options.startTimeout} ms`;
      this.#verdict = { cause: "not-ready", text };
      ready.reject(new ThreadStartError(this.unit, text));
      this.kill();
    }, options.startTimeout);
    started.then(
      (result) => {
        clearTimeout(deadline);
        if (result.ok) return ready.resolve();
        const cause = deserializeError(result.error);
        const text = `failed to start: ${cause.message}`;
        this.#verdict = { cause: "not-ready", text };
        ready.reject(new ThreadStartError(this.unit, text, { cause }));
        this.kill();
      },
      () => {
        // The thread ended during the task: its exit event says why.
      },
    );
  }

  /** Connections being served now. */
  get connections(): number {
    return this.#lane.connections + (this.#accepting?.stats().connections ?? 0);
  }

  /** Whether it is gone, or was told to end at once: whatever it is given now is lost. */
  get ending(): boolean {
    return this.#killed || this.#gone !== undefined;
  }

  /** Whether somebody looks into it just now: its event loop may stand still for that, and it must not be stopped. */
  get examined(): boolean {
    return this.#telling + this.#recording > 0;
  }

  /** Turns of its event loop, counted at intervals: it stands still while the thread is blocked. */
  get beats(): number {
    return Atomics.load(this.#beat.count, 0);
  }

  /** What its coroutines do, as it writes it into shared memory. */
  get progress(): Int32Array<SharedArrayBuffer> {
    return this.#beat.progress;
  }

  /** Counted out here, where the death of the thread takes nothing of it away. */
  get stats(): ThreadStats {
    if (!this.#accepting) return this.#lane.stats;
    const all = addedStats(this.#lane.stats, this.#accepting.stats());
    return this.#gone ? { ...all, connections: 0, lost: all.lost + all.connections } : all;
  }

  /**
   * Gives a connection to the thread; the caller's socket is spent. `onEnd` is called once, after this returns: with the
   * outcome when the connection has ended there, with undefined when the thread ends first or the socket can't be
   * transferred.
   */
  serve(socket: Socket, listener: string, acceptedAt: number | undefined, onEnd: OnConnectionEnd): void {
    this.#lane.hand(socket, listener, acceptedAt, onEnd);
  }

  /**
   * Calls a method on the thread's control port.
   *
   * @param timeout in ms; undefined waits for as long as the thread lives
   * @throws {ThreadExitedError} when the thread ends first
   * @throws {ThreadCallTimeoutError} when it does not answer in time
   */
  async call<M extends keyof ThreadMethods>(
    method: M,
    args: Parameters<ThreadMethods[M]>,
    timeout?: number,
  ): Promise<Awaited<ReturnType<ThreadMethods[M]>>> {
    if (!this.#control) throw new ThreadExitedError(this.unit, this.#gone);
    const remote = this.#control[method] as unknown as (...args: unknown[]) => Promise<never>;
    if (timeout === undefined) return remote(...args);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new ThreadCallTimeoutError(this.unit, method, timeout)), timeout);
    try {
      return await Promise.race([remote(...args), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Tells the thread's body something. Resolves when it has taken note, or is gone, or after so many ms: then it takes
   * note as soon as it can.
   *
   * @throws what the body's `tell` throws
   */
  async tell(message: unknown, timeout: number): Promise<void> {
    try {
      await this.call("tell", [message], timeout);
    } catch (error) {
      if (error instanceof ThreadCallTimeoutError || error instanceof ThreadExitedError) return;
      throw error;
    }
  }

  /** Has the thread answer calls of its service's methods on a port, until it or the caller is gone. */
  connect(port: MessagePort): void {
    if (this.#control) {
      this.#control.connect(Comlink.transfer(port, [port])).catch(() => {
        // It is gone, and the port with it: the caller is told by the port's end.
      });
    } else {
      port.close();
    }
  }

  /**
   * Its coroutines; where it is stuck, when its event loop does not turn.
   *
   * @param locals whether to read the coroutines' variables, which may hold secrets
   * @throws {ThreadExitedError} when the thread ends first
   */
  async dump(locals: boolean): Promise<ThreadDump> {
    const { unit, incarnation } = this;
    // Stop a thread or ask it, but not both: to tell where its coroutines stand it uses its own inspector, and one that
    // is stopped in the middle of that may never go on.
    const beats = await this.#beatsWithin(Math.max(BEAT_MS, this.#beat.every * 4));
    if (!beats && this.#telling === 0) {
      const blocked = await blockedStack(this.threadId, CAPTURE_MS);
      if (blocked) return { unit, incarnation, tasks: null, blocked };
    }
    this.#telling++;
    try {
      return { unit, incarnation, tasks: await this.call("tasks", [locals], TELL_MS), blocked: null };
    } catch (error) {
      if (error instanceof ThreadCallTimeoutError) return { unit, incarnation, tasks: null, blocked: null };
      throw error;
    } finally {
      this.#telling--;
    }
  }

  async #beatsWithin(ms: number): Promise<boolean> {
    const before = this.beats;
    const until = performance.now() + ms;
    while (this.beats === before && performance.now() < until) await sleep(this.#beat.every / 2);
    return this.beats !== before;
  }

  /**
   * Writes a CPU profile or a heap snapshot of it to a file, also when it does not answer.
   *
   * @throws {ThreadExitedError} when the thread ends first
   */
  async record(recording: Recording, file: string): Promise<void> {
    const recorded = recordWorker(this.#worker, recording, file).catch(async (error: unknown) => {
      const { code } = error as { readonly code?: unknown };
      throw code === "ERR_WORKER_NOT_RUNNING" ? new ThreadExitedError(this.unit, await this.exited) : error;
    });
    const gone = this.exited.then((exit) => Promise.reject(new ThreadExitedError(this.unit, exit)));
    this.#recording++;
    try {
      await Promise.race([recorded, gone]);
    } finally {
      this.#recording--;
    }
  }

  /** Its coroutines by state; without an answer within so many ms, what was last seen. */
  async countTasks(timeout: number): Promise<TaskCounts | undefined> {
    this.#counts = await this.call("counts", [], timeout).catch(() => this.#counts);
    return this.#counts;
  }

  /** What it uses; see {@link UsageMeter}. */
  usage(timeout: number): Promise<ThreadUsage> {
    return this.#usage.read(timeout);
  }

  /**
   * Drains, cancels what is left, runs the service's `stop` and ends the thread. The caller gives it no connection from
   * now on. Resolves when it is gone.
   *
   * @param hurry when it aborts, what is in flight is cancelled at once
   * @param why its exit. Default: it was stopped
   */
  async stop(budget: ThreadStopBudget, hurry: AbortSignal, why?: Exit): Promise<Exit> {
    this.#asked = true;
    this.#why = why;
    const steps = {
      drain: () => this.#finish(),
      cancel: (ms: number) => void this.#cancel(ms).catch(() => {}),
      kill: () => this.kill(),
      ended: this.exited,
    };
    // Whoever asks decides how much time is left when it is asked again.
    await shutDown(steps, { budget: { ...budget, kill: 0 }, hurry, hurried: Number.POSITIVE_INFINITY });
    return this.exited;
  }

  async #finish(): Promise<void> {
    await this.call("drain", []);
    // Of what it has accepted itself only the thread knows.
    await Promise.all([this.#lane.idle(), this.#accepting && this.call("idle", [])]);
    await this.call("stop", []);
  }

  async #cancel(ms: number): Promise<void> {
    const since = performance.now();
    this.#deaf = { cause: "hung", text: "did not answer when it was to end" };
    try {
      await this.call("counts", [], ms / 2);
    } catch (error) {
      if (!(error instanceof ThreadCallTimeoutError)) throw error;
      await this.#tellWhereDeaf(since);
    }
    if (this.connections > 0) {
      // It looks into itself for that: once it has begun, nobody else may any more.
      if (!this.#deaf.stack) this.#telling++;
      this.#unfinished = await this.call("unfinished", []);
    }
    this.#deaf = undefined;
    await this.call("cancel", ["the thread is being stopped"]);
  }

  /** What keeps it from answering, if that can be told. */
  async #tellWhereDeaf(since: number): Promise<void> {
    const stack = this.examined ? undefined : await blockedStack(this.threadId, LAST_CAPTURE_MS);
    const ms = Math.round(performance.now() - since);
    const where = stack?.frames[0] ? ` in ${stack.frames[0]}` : "";
    const text = `did not answer for ${ms} ms when it was to end${where}`;
    this.#deaf = { cause: "hung", text, ...(stack && { stack }) };
    const at = stack?.frames[0] ?? null;
    const task = { task: stack?.running ?? this.unit, peer: null, waitingOn: null, waitingMs: 0, at };
    this.#unfinished = { connections: this.connections, tasks: [task] };
  }

  /** Ends the thread at once, for a reason that only the caller knows. */
  end(verdict: Exit): void {
    this.#verdict ??= verdict;
    this.kill();
  }

  /** Ends the thread at once. What it was serving is lost. */
  kill(): void {
    if (!this.#killed && !this.#gone) {
      const unending = setTimeout(this.#onUnending, ENDING_MS, ENDING_MS).unref();
      this.#worker.once("exit", () => clearTimeout(unending));
    }
    this.#killed = true;
    // Close the ports first: ending a thread while something is under way to it can leave the transfer's memory behind.
    this.#port.close();
    this.#lane.close();
    void this.#pool.destroy();
    // Again: a thread that is stopped for its stack just now forgets that it was to end when it is let go on.
    void stacksRead().then(() => this.#worker.terminate());
  }
}

const streams: readonly ThreadStream[] = ["stdout", "stderr"];

/** A worker's output, taken away from the process's own, which Node pipes it to. */
function outputOf(worker: Worker, stream: ThreadStream): Readable {
  const output = worker[stream];
  output.unpipe(process[stream]);
  return output.resume();
}

/** Piscina's type for a transfer list is inferred from Node's types and comes out as another overload's. */
function transferring(...items: (Transferable | Socket)[]): { transferList: never } {
  return { transferList: items as never };
}
