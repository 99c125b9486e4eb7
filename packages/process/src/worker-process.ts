// One incarnation of a process, seen from the supervisor: a cluster worker that serves from the shared sockets.
import type { Worker } from "node:cluster";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { BeatWatch, type Exit, type ExitStack, type ShutdownBudget, shutDown, type Unfinished } from "@plait/policy";
import { deserializeError } from "serialize-error";
import { ProcessCallTimeoutError, ProcessExitedError, ProcessStartError } from "./errors.ts";
import { forkWorker } from "./fork-worker.ts";
import { beatEvery, hangLimits } from "./hang.ts";
import type { ListeningSocket } from "./listening-socket.ts";
import { sendWithHandle } from "./native-handle.ts";
import { OomKills } from "./oom-kills.ts";
import { eachLine } from "./output-lines.ts";
import { isOutOfHeap, processExit } from "./process-exit.ts";
import { Scoreboard } from "./scoreboard.ts";
import { SIDE_DOOR, SideDoor } from "./side-door.ts";
import { type FromProcess, isOurs, type ToProcess } from "./wire.ts";

export interface WorkerProcessOptions {
  /** The slot's id, for example `"p2"`. */
  readonly unit: string;
  readonly incarnation: number;
  /** Which reload it is from; the first is 1. */
  readonly generation: number;
  /** Path of the file to execute; it calls `enterProcess`. */
  readonly exec: string;
  /** Plain data for the process. */
  readonly body: unknown;
  readonly sockets: readonly { readonly socket: ListeningSocket; readonly backlog: number }[];
  /** As whom it runs; undefined is as this process. */
  readonly identity: { readonly uid: number; readonly gid: number } | undefined;
  /** How many numbers its scoreboard has. */
  readonly places: number;
  /** How long its event loop may stand still once it serves, in ms; 0 is for ever. */
  readonly hangTimeout: number;
  /** Called when it has stood still for half of that; settles with where, if that can be told. */
  readonly onBlocked: (process: WorkerProcess, ms: number) => Promise<ExitStack | undefined>;
  /** Where the main thread stands of one that does not answer while it is stopped, if that can be told. */
  readonly locate: (process: WorkerProcess) => Promise<string | undefined>;
  /** How long the process may take until it is ready, in ms. */
  readonly startTimeout: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent: (event: unknown) => void;
  /** Called with every line that the process writes, before `exited` settles. */
  readonly onOutput: (stream: OutputStream, line: string) => void;
}

export type OutputStream = "stdout" | "stderr";

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: Error): void;
  readonly timer: NodeJS.Timeout | undefined;
}

/**
 * A running process. It owns the cluster worker; `stop` or `kill` releases it, and `exited` settles when it is gone.
 * A call that is pending at that moment rejects with who ended and why.
 */
export class WorkerProcess {
  readonly unit: string;
  readonly generation: number;
  /** In ms since the epoch. */
  readonly startedAt: number = Date.now();
  /** 0 when it could not be started. */
  readonly pid: number;
  /** Settles when the process serves; rejects with {@link ProcessStartError}, whose cause is the service's own error. */
  readonly ready: Promise<void>;
  /** Settles once, when the process is gone. */
  readonly exited: Promise<Exit>;
  readonly #ready = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<Exit>();
  /** Undefined, like the next two, when it could not be started. */
  #worker: Worker | undefined;
  #scoreboard: Scoreboard | undefined;
  #sideDoor: SideDoor | undefined;
  readonly #calls = new Map<number, PendingCall>();
  #nextCall = 1;
  /** Calls that hold it up. */
  #heldUp = 0;
  #asked: Exit | undefined;
  /** Settles when it has drained; since `retire` or `stop`. */
  #drained: Promise<unknown> | undefined;
  /** What its drain did not wait out. */
  #unfinished: Unfinished | undefined;
  readonly #locate: WorkerProcessOptions["locate"];
  #gone: Exit | undefined;
  #looking: NodeJS.Timeout | undefined;
  /** Its scoreboard when it was gone. */
  #last: Float64Array | undefined;
  /** What is known before the process is gone, and says more than its exit code will. */
  #fate: Exit | undefined;

  constructor(options: WorkerProcessOptions) {
    this.unit = options.unit;
    this.generation = options.generation;
    this.#locate = options.locate;
    // Somebody always looks at `exited`; `ready` may be left alone without counting as an unhandled rejection.
    this.ready = this.#ready.promise;
    this.ready.catch(() => {});
    this.exited = this.#exited.promise;
    const onFailed = (error: Error) => {
      const text = `could not be started: ${error.message}`;
      this.#end({ cause: "not-ready", text }, new ProcessStartError(this.unit, text, { cause: error }));
    };
    try {
      this.#scoreboard = new Scoreboard(options.places);
      const { exec, identity, unit } = options;
      const { descriptor } = this.#scoreboard;
      this.#worker = forkWorker({ exec, identity, descriptor, onFailed, env: { ...options.env, PLAIT_UNIT: unit } });
      this.pid = this.#worker.process.pid ?? 0;
      if (this.pid !== 0) this.#attend(this.#worker, this.#scoreboard, options);
    } catch (error) {
      this.pid = 0;
      onFailed(error as Error);
    }
  }

  /** Listens to a process that runs. */
  #attend(worker: Worker, scoreboard: Scoreboard, options: WorkerProcessOptions): void {
    const deadline = setTimeout(() => {
      const what = `was not ready within ${options.startTimeout} ms`;
      this.#fate = { cause: "not-ready", text: what };
      this.#ready.reject(new ProcessStartError(this.unit, what));
      this.kill();
    }, options.startTimeout);

    worker.on("message", (message: unknown) => {
      if (!isOurs(message)) return;
      const told = message as FromProcess;
      if (told.plait === "ready") {
        clearTimeout(deadline);
        if (options.hangTimeout > 0) this.#watch(scoreboard, options);
        this.#ready.resolve();
      } else if (told.plait === "failed") {
        clearTimeout(deadline);
        const cause = deserializeError(told.error);
        const what = `failed to start: ${cause.message}`;
        this.#fate = { cause: "not-ready", text: what };
        this.#ready.reject(new ProcessStartError(this.unit, what, { cause }));
        this.kill();
      } else if (told.plait === "failing") {
        this.#fate = { cause: "escalated", text: told.reason };
        // Its exit waits for its threads, and one of them may be what can't be ended.
        setTimeout(() => this.kill(), FAILING_MS).unref();
      } else if (told.plait === "reply") {
        this.#settle(told);
      } else if (told.plait === "dup") {
        const socket = options.sockets[told.listener]?.socket;
        const answer: ToProcess = { plait: "duplicate", request: told.request };
        if (socket && !socket.closed) sendWithHandle(worker, answer, socket.handle);
        else this.#send(answer);
      } else {
        options.onEvent(told.event);
      }
    });

    const { stdout, stderr } = worker.process;
    this.#sideDoor = new SideDoor(worker.process.stdio[SIDE_DOOR] as Duplex);
    let outOfHeap = false;
    const output = Promise.all([
      stdout && eachLine(stdout, (line) => options.onOutput("stdout", line)),
      stderr &&
        eachLine(stderr, (line) => {
          outOfHeap ||= isOutOfHeap(line);
          options.onOutput("stderr", line);
        }),
    ]);

    worker.once("exit", async (code: number | null, signal: string | null) => {
      clearTimeout(deadline);
      clearInterval(this.#looking);
      // Read the pipes to their end first: the last lines say why. A program that the process has started may keep them
      // open for ever, so don't wait long.
      await Promise.race([output, sleep(LAST_LINES_MS, undefined, { ref: false })]);
      const why = this.#fate ?? processExit(code, signal, this.#asked, { outOfHeap, isOomKill: () => oomKills.take() });
      const reason: Exit = this.#unfinished ? { ...why, unfinished: this.#unfinished } : why;
      this.#end(reason, new ProcessStartError(this.unit, `ended before it was ready: ${reason.text}`));
    });

    worker.once("online", () => {
      const { unit, incarnation, body, sockets, places, hangTimeout } = options;
      const listeners = sockets.length;
      this.#send({ plait: "start", unit, incarnation, listeners, places, beatEvery: beatEvery(hangTimeout), body });
      for (const [listener, { socket, backlog }] of sockets.entries()) {
        const message: ToProcess = { plait: "listen", listener, backlog };
        sendWithHandle(worker, message, socket.handle);
      }
    });
  }

  /** It is gone: settles what waits for it. @param unready for whoever waits until it is ready */
  #end(exit: Exit, unready: ProcessStartError): void {
    this.#gone = exit;
    this.#last = this.#scoreboard?.read().numbers ?? new Float64Array();
    this.#scoreboard?.close();
    this.#ready.reject(unready);
    const error = new ProcessExitedError(this.unit, exit);
    for (const call of this.#calls.values()) {
      clearTimeout(call.timer);
      call.reject(error);
    }
    this.#calls.clear();
    this.#sideDoor?.close(error);
    this.#exited.resolve(exit);
  }

  /** Its scoreboard; once it is gone, as it left it. */
  readonly numbers = (): Float64Array => this.#last ?? this.#scoreboard?.read().numbers ?? new Float64Array();

  /**
   * Calls a method of the process's body.
   *
   * @param timeout in ms; undefined waits for as long as the process lives
   * @throws {ProcessExitedError} when the process ends first
   * @throws {ProcessCallTimeoutError} when it does not answer in time
   */
  call(method: string, args: readonly unknown[], timeout: number | undefined): Promise<unknown> {
    if (this.#gone) return Promise.reject(new ProcessExitedError(this.unit, this.#gone));
    const call = this.#nextCall++;
    return new Promise((resolve, reject) => {
      const onLate = (ms: number) => {
        this.#calls.delete(call);
        reject(new ProcessCallTimeoutError(this.unit, method, ms));
      };
      const timer = timeout === undefined ? undefined : setTimeout(onLate, timeout, timeout);
      this.#calls.set(call, { resolve, reject, timer });
      this.#send({ plait: "call", call, method, args });
    });
  }

  /**
   * Calls a method of the module beside the main thread, which answers also while the main thread spins.
   *
   * @throws {ProcessExitedError} when the process ends first
   */
  callBeside(method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#sideDoor && !this.#gone) return this.#sideDoor.call(method, args);
    return Promise.reject(new ProcessExitedError(this.unit, this.#gone ?? NOT_STARTED));
  }

  /**
   * The same for what may hold the process up: it is not replaced for standing still meanwhile.
   *
   * @param timeout in ms
   * @throws {ProcessCallTimeoutError} when it does not answer in time
   */
  async holdUp(method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new ProcessCallTimeoutError(this.unit, method, timeout)), timeout);
    this.#heldUp++;
    try {
      return await Promise.race([this.callBeside(method, args), late.promise]);
    } finally {
      this.#heldUp--;
      clearTimeout(timer);
    }
  }

  /**
   * Accepts no more and drains without a deadline: it ends when its last connection has. `stop` sets the deadline.
   *
   * @param hurry stops the waiting when it aborts
   * @returns whether it was gone before the budget's drain was over
   */
  async retire(budget: ShutdownBudget, hurry: AbortSignal, why: Exit): Promise<boolean> {
    // Until it has drained it may go on for days: whatever ends it then was not asked for.
    const drained = this.#drain(budget.cancel).finally(() => {
      this.#asked ??= why;
    });
    drained.catch(() => {});
    const calm = new AbortController().signal;
    const gone = this.#shutDown({ ...budget, drain: Number.POSITIVE_INFINITY }, calm).then(() => true);
    const late = new AbortController();
    const signal = AbortSignal.any([hurry, late.signal]);
    const overdue = sleep(budget.drain, false, { signal }).catch(() => false);
    try {
      return await Promise.race([gone, overdue]);
    } finally {
      late.abort();
    }
  }

  /**
   * Drains, then ends the process; past the budget the kernel ends it. Resolves when it is gone.
   *
   * @param hurry when it aborts, what is in flight is given up at once
   * @param why what its end is put down to
   */
  async stop(budget: ShutdownBudget, hurry: AbortSignal, why: Exit = STOPPED): Promise<Exit> {
    this.#asked = why;
    await this.#shutDown(budget, hurry);
    return this.exited;
  }

  #shutDown(budget: ShutdownBudget, hurry: AbortSignal): Promise<void> {
    const steps = {
      drain: () => this.#drain(budget.cancel),
      // Without an answer a deadline ends it all the same.
      cancel: (ms: number) => void this.call("hurry", [], ms).catch(() => {}),
      overdue: () => void this.#findOut(),
      exit: () => this.#send({ plait: "exit" }),
      kill: () => this.kill(),
      ended: this.exited,
    };
    return shutDown(steps, { budget, hurry });
  }

  /**
   * Settles when it has drained. It has no deadline of its own: it is told when the time is over.
   *
   * @param cancel how long its coroutines may take then to clean up, in ms
   */
  async #drain(cancel: number): Promise<void> {
    this.#drained ??= this.call("drain", [cancel], undefined);
    this.#unfinished = (await this.#drained) as Unfinished | undefined;
  }

  /** Before it is killed: what keeps it from answering. */
  async #findOut(): Promise<void> {
    const at = await this.#locate(this);
    if (at === undefined) return;
    this.#unfinished ??= {
      connections: null,
      tasks: [{ task: this.unit, peer: null, ageMs: null, waitingOn: null, waitingMs: 0, at }],
    };
  }

  /** Ends the process at once (SIGKILL). What it was serving is lost. @param why what its end is put down to */
  kill(why?: Exit): void {
    this.#asked ??= why;
    this.#worker?.process.kill("SIGKILL");
  }

  #watch(scoreboard: Scoreboard, { hangTimeout, onBlocked }: WorkerProcessOptions): void {
    const watch = new BeatWatch(hangLimits(hangTimeout), scoreboard.read().beats, performance.now());
    let stack: ExitStack | undefined;
    this.#looking = setInterval(async () => {
      if (this.#heldUp > 0) return;
      const finding = watch.look(scoreboard.read().beats, performance.now());
      if (finding?.type === "blocked") stack = await onBlocked(this, Math.round(finding.ms));
      if (finding?.type !== "hung") return;
      const [top] = stack?.frames ?? [];
      const text = `stood still for ${Math.round(finding.ms)} ms ${top ? `in ${top}` : "and did not tell where: stopped, or in native code"}`;
      this.#fate ??= { cause: "hung", text, ...(stack && { stack }) };
      // The kernel ends a stopped process too.
      this.kill();
    }, beatEvery(hangTimeout)).unref();
  }

  #send(message: ToProcess): void {
    // A failed send means that the process is going away, which its exit event tells with a reason.
    if (this.#worker?.isConnected()) this.#worker.send(message, () => {});
  }

  #settle({ call, value, error }: Extract<FromProcess, { plait: "reply" }>): void {
    const pending = this.#calls.get(call);
    if (!pending) return;
    this.#calls.delete(call);
    clearTimeout(pending.timer);
    if (error) pending.reject(deserializeError(error));
    else pending.resolve(value);
  }
}

/** One for all processes: each kill explains one death. */
const oomKills = new OomKills();

const NOT_STARTED: Exit = { cause: "not-ready", text: "could not be started" };
const STOPPED: Exit = { cause: "planned", text: "stopped" };

/** How long a process that ends itself may take for that, in ms. */
const FAILING_MS = 1_000;

/** How long the last lines of a process that is gone may take, in ms. */
const LAST_LINES_MS = 250;
