// One incarnation of a serving thread, seen from its process's main thread.
import type { Socket } from "node:net";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { TaskCounts } from "@plait/coroutine";
import { type Exit, shutDown, type Unfinished } from "@plait/policy";
import type { ThreadAccepting } from "./accepting.ts";
import { addedStats, ConnectionLane, type OnConnectionEnd, type ThreadStats } from "./connections/connection-lane.ts";
import { ControlPort } from "./control-port.ts";
import { ThreadCallTimeoutError, ThreadStartError } from "./errors.ts";
import { newGcTime } from "./gc-time.ts";
import { blockedStack } from "./inspect/blocked-stack.ts";
import { Inspection, type ThreadDump } from "./inspect/inspection.ts";
import type { Recording } from "./inspect/recording.ts";
import type { Compute } from "./offload/compute.ts";
import { relayCalls } from "./offload/relay.ts";
import { isRejection, newRejection } from "./rejection.ts";
import type { Switchboard } from "./remote/switchboard.ts";
import { threadExit } from "./thread-exit.ts";
import { type ThreadUsage, UsageMeter } from "./thread-usage.ts";
import { type OnThreadOutput, ThreadWorker } from "./thread-worker.ts";
import { unpackThrown, words } from "./thrown.ts";
import { type Beat, beats, newBeat } from "./watchdog/beat.ts";
import type { ThreadMethods } from "./wire.ts";

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
  readonly onOutput?: OnThreadOutput | undefined;
}

/** How long one that is to end may take for that, in ms. */
const LAST_CAPTURE_MS = 2_000;
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
  /** Settles when the thread serves; rejects with {@link ThreadStartError}, whose cause is the service's own error. */
  readonly ready: Promise<void>;
  /** Settles once, when the thread is gone. */
  readonly exited: Promise<Exit>;
  readonly #control: ControlPort;
  readonly #beat: Beat;
  readonly #worker: ThreadWorker;
  readonly #inspection: Inspection;
  readonly #usage: UsageMeter;
  readonly #accepting: ThreadAccepting | undefined;
  readonly #onUnending: (ms: number) => void;
  readonly #lane = new ConnectionLane();
  #counts: TaskCounts | undefined;
  readonly #drained = Promise.withResolvers<void>();
  /** Resolves when what is left is not waited for any more. */
  readonly #cancelled = Promise.withResolvers<void>();
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
    this.#control = new ControlPort(options.unit);

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
    const line = options.accepting?.line;
    const task = {
      unit: options.unit,
      incarnation: options.incarnation,
      port: this.#control.far,
      connections: this.#lane.far,
      compute: { port: calls, load: options.compute.load.cells },
      beat: this.#beat,
      gc,
      rejection,
      switchboard,
      data: options.data,
      line,
    };
    const ports = [this.#control.far, this.#lane.far, calls, switchboard, ...(line ? [line] : [])];
    this.#worker = new ThreadWorker(options.filename, options.heap, task, ports);
    const { worker, started } = this.#worker;
    this.#usage = new UsageMeter(worker, gc);
    const { unit, incarnation } = options;
    const inspected = { unit, incarnation, worker: this.#worker, beat: this.#beat, control: this.#control };
    this.#inspection = new Inspection({ ...inspected, exited: this.exited });

    const output = options.onOutput && this.#worker.output(options.onOutput);
    let uncaught: { readonly error: unknown } | undefined;
    worker.once("error", (error: unknown) => {
      uncaught = { error };
    });
    worker.once("exit", (code) => {
      clearTimeout(deadline);
      const rejected = isRejection(rejection);
      const own = threadExit({ code, uncaught, rejected, asked: this.#asked, killed: this.#killed });
      const asked = own.cause === "planned" ? this.#why : undefined;
      const why = this.#verdict ?? this.#deaf ?? asked ?? own;
      const exit: Exit = this.#unfinished ? { ...why, unfinished: this.#unfinished } : why;
      this.#gone = exit;
      this.#control.abandon(exit);
      this.#lane.abandon();
      this.#drained.resolve();
      const cause = uncaught && { cause: uncaught.error };
      ready.reject(new ThreadStartError(this.unit, `ended before it was ready: ${exit.text}`, cause));
      this.#worker.release();
      // What it wrote last is on its streams when it is gone, and says why.
      if (output) void output.then(() => exited.resolve(exit));
      else exited.resolve(exit);
    });

    let late = false;
    const deadline = setTimeout(async () => {
      late = true;
      const stack = await this.#inspection.blocked();
      const doing = stack?.frames[0]
        ? `is in ${stack.frames[0]}`
        : "waits for something, in its module or its start(), or is only slow";
      const text = `was not ready within ${options.startTimeout} ms: it ${doing}`;
      ready.reject(new ThreadStartError(this.unit, text));
      this.end({ cause: "not-ready", text, ...(stack && { stack }) });
    }, options.startTimeout);
    started.then(
      (result) => {
        if (late) return;
        clearTimeout(deadline);
        if (result.ok) return ready.resolve();
        const cause = unpackThrown(result.thrown);
        const text = `failed to start: ${words(cause)}`;
        ready.reject(new ThreadStartError(this.unit, text, { cause }));
        this.end({ cause: "not-ready", text });
      },
      () => {
        // The thread ended during the task: its exit event says why.
      },
    );
  }

  /** Node's number for it in this process. */
  get threadId(): number {
    return this.#worker.threadId;
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
    return this.#inspection.underWay;
  }

  /** Settles when it was told to stop and serves no connection any more, or is gone. */
  get drained(): Promise<void> {
    return this.#drained.promise;
  }

  /** Turns of its event loop, counted at intervals: it stands still while the thread is blocked. */
  get beats(): number {
    return beats(this.#beat);
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
  call<M extends keyof ThreadMethods>(
    method: M,
    args: Parameters<ThreadMethods[M]>,
    timeout?: number,
  ): Promise<Awaited<ReturnType<ThreadMethods[M]>>> {
    return this.#control.call(method, args, timeout);
  }

  /**
   * Tells the thread's body something. Resolves when it has taken note, or is gone, or after so many ms: then it takes
   * note as soon as it can.
   *
   * @throws what the body's `tell` throws
   */
  tell(message: unknown, timeout: number): Promise<void> {
    return this.#control.tell(message, timeout);
  }

  /** Has the thread answer calls of its service's methods on a port, until it or the caller is gone. */
  connect(port: MessagePort): void {
    this.#control.connect(port);
  }

  /**
   * Its coroutines; where it is stuck, when its event loop does not turn.
   *
   * @param locals whether to read the coroutines' variables, which may hold secrets
   * @throws {ThreadExitedError} when the thread ends first
   */
  dump(locals: boolean): Promise<ThreadDump> {
    return this.#inspection.dump(locals);
  }

  /**
   * Writes a CPU profile or a heap snapshot of it to a file, also when it does not answer.
   *
   * @throws {ThreadExitedError} when the thread ends first
   */
  record(recording: Recording, file: string): Promise<void> {
    return this.#inspection.record(recording, file);
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
   * @param beside what is in flight elsewhere and may call it: within the drain it waits for that, too
   */
  async stop(budget: ThreadStopBudget, hurry: AbortSignal, why?: Exit, beside?: Promise<unknown>): Promise<Exit> {
    this.#asked = true;
    this.#why = why;
    const steps = {
      drain: () => this.#finish(beside),
      cancel: (ms: number) => void this.#cancel(ms).catch(() => {}),
      kill: () => this.kill(),
      ended: this.exited,
    };
    // Whoever asks decides how much time is left when it is asked again.
    await shutDown(steps, { budget: { ...budget, kill: 0 }, hurry, hurried: Number.POSITIVE_INFINITY });
    return this.exited;
  }

  async #finish(beside?: Promise<unknown>): Promise<void> {
    await this.call("drain", []);
    // Of what it has accepted itself only the thread knows.
    await Promise.all([this.#lane.idle(), this.#accepting && this.call("idle", [])]);
    this.#drained.resolve();
    await Promise.race([beside, this.#cancelled.promise]);
    await this.call("stop", []);
  }

  async #cancel(ms: number): Promise<void> {
    this.#cancelled.resolve();
    const since = performance.now();
    this.#deaf = { cause: "hung", text: "did not answer when it was to end" };
    try {
      await this.call("counts", [], ms / 2);
    } catch (error) {
      if (!(error instanceof ThreadCallTimeoutError)) throw error;
      await this.#tellWhereDeaf(since);
    }
    // It looks into itself for that: once it has begun, nobody else may any more.
    if (!this.#deaf.stack) this.#inspection.leaveAlone();
    this.#unfinished = await this.call("unfinished", []);
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
    const task = { task: stack?.running ?? this.unit, peer: null, ageMs: null, waitingOn: null, waitingMs: 0, at };
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
      this.#worker.worker.once("exit", () => clearTimeout(unending));
    }
    this.#killed = true;
    // Close the ports first: ending a thread while something is under way to it can leave the transfer's memory behind.
    this.#control.close();
    this.#lane.close();
    this.#worker.end();
  }
}
