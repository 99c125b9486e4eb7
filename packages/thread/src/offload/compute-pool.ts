// The compute pool of a process: a second Piscina pool, beside the serving threads, that runs one call a thread.
//
// The queue is kept here and Piscina gets a call only when a thread is free for it: its own queue knows no priority,
// and stands still when the thread it waits for is ended.
import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { MessagePort, receiveMessageOnPort, type Transferable } from "node:worker_threads";
import type { Piscina } from "piscina";
import { computeMain } from "../compute-file.ts";
import type { Answered, AnswersPort, ComputeCall } from "../compute-main.ts";
import { heapLimit } from "../heap-limit.ts";
import { words } from "../thrown.ts";
import { openCallChannel } from "./call-channel.ts";
import { type Caller, type CallRequest, type Compute, Load, type RelayedCall, type Submission } from "./compute.ts";
import { OffloadCloneError, OffloadLostError, OffloadQueueFullError } from "./errors.ts";
import type { TaskAddress } from "./task.ts";
import { WaitingCalls } from "./waiting-calls.ts";

/** Calls that may wait, when nothing else is said. */
const DEFAULT_QUEUE = 1024;
/** How far a compute thread stands back, when nothing else is said. README.md has what it brings. */
const DEFAULT_NICE = 10;
/** A compute thread without work is ended after so many ms. */
const IDLE_MS = 10_000;

export interface ComputePoolOptions {
  /**
   * Calls that run at once. Default: the cores that this process may use, and one more. A thread gets its next call when
   * it has answered, a turn of the main thread's loop later, and meanwhile the one more has its core. The rule is Goetz's,
   * Java Concurrency in Practice, 8.2; README.md has what it brings.
   */
  readonly threads?: number;
  /** Calls that may wait. Default 1024. */
  readonly queue?: number;
  /** JavaScript heap of each thread, in bytes; a call that needs more ends its thread. Default: what V8 chooses. */
  readonly heap?: number | undefined;
  /**
   * How far the threads stand back for others that have something to do, serving threads above all: what is added to their
   * nice value, 0 to 19. Default 10. Nothing happens on Windows.
   */
  readonly nice?: number;
}

interface Call extends ComputeCall {
  readonly priority: number;
  readonly caller: Caller;
  readonly end: CallEnd;
  /** Nothing is to be collected for it, any more or at all. */
  answered: boolean;
}

/** What ends the thread that runs a call. An AbortController costs more than the rest of the call's state. */
class CallEnd extends EventEmitter {
  reason: unknown;

  abort(reason?: unknown): void {
    this.reason = reason;
    this.emit("abort");
  }
}

/** Owns its threads, which start with the first call and don't keep the process alive; `destroy` ends them for good. */
export class ComputePool implements Compute {
  readonly load: Load;
  readonly #heap: number | undefined;
  readonly #nice: number;
  #pool: Piscina | undefined;
  readonly #waiting: WaitingCalls<Call>;
  readonly #running = new Map<number, Call>();
  /** By the thread that posts them. */
  readonly #answers = new Map<number, MessagePort>();
  /** What to do again when the next thread's port has come. */
  readonly #early: (() => void)[] = [];
  #last = 0;
  #closed = false;

  constructor(options: ComputePoolOptions = {}) {
    const threads = options.threads ?? availableParallelism() + 1;
    const queue = options.queue ?? DEFAULT_QUEUE;
    this.load = Load.of(threads, queue);
    this.#heap = options.heap;
    this.#nice = process.platform === "win32" ? 0 : (options.nice ?? DEFAULT_NICE);
    this.#waiting = new WaitingCalls(queue);
  }

  submit({ task, args, transfer, priority }: CallRequest, caller: Caller): Submission {
    return this.#submit(task, parked(task, args, transfer), priority, false, caller);
  }

  submitRelayed({ task, priority, port }: RelayedCall, lost: Caller["lost"]): Submission {
    return this.#submit(task, port, priority, true, { answered: () => {}, lost });
  }

  #submit(
    task: TaskAddress,
    args: ComputeCall["args"],
    priority: number,
    relayed: boolean,
    caller: Caller,
  ): Submission {
    const call: Call = {
      id: ++this.#last,
      task,
      args,
      relayed,
      priority,
      caller,
      end: new CallEnd(),
      answered: relayed,
    };
    if (this.#closed) {
      refuse(call, closed(task));
    } else if (this.#running.size < this.load.threads) {
      this.#start(call);
    } else if (!this.#waiting.add(call)) {
      refuse(call, new OffloadQueueFullError(task, this.load.threads, this.load.queue));
    }
    this.#count();
    return { cancel: () => this.#cancel(call) };
  }

  /** Ends every thread; calls that run or wait are lost, and so is any that comes later. */
  async destroy(): Promise<void> {
    this.#closed = true;
    for (let call = this.#waiting.take(); call !== undefined; call = this.#waiting.take()) {
      forget(call.args);
      call.caller.lost(closed(call.task));
    }
    await this.#pool?.destroy();
    this.#count();
  }

  #start(call: Call): void {
    this.#running.set(call.id, call);
    const { id, task, args, relayed, end } = call;
    const message: ComputeCall = { id, task, args, relayed };
    // Piscina's type for a transfer list is inferred from Node's types and comes out as another overload's.
    const transferList = (args instanceof MessagePort ? [args] : []) as never;
    this.#pool ??= this.#open();
    let run: Promise<number>;
    try {
      run = this.#pool.run(message, { transferList, signal: end });
    } catch (error) {
      // No thread could be made. Piscina keeps the call, arguments and all, and has the next thread run it for nobody.
      queueMicrotask(() => this.#lost(call, `no thread could be made for it: ${words(error)}`, error));
      return;
    }
    run.then(
      (thread) => this.#done(call, thread),
      (error: unknown) => this.#failed(call, end.reason ?? error),
    );
  }

  /** A thread has run the call. */
  #done(call: Call, thread: number): void {
    const { task, caller } = call;
    // Its port and Piscina's word come by different ways: before a thread's first answer is told, its port may not be here.
    if (!call.answered && !this.#answers.has(thread)) {
      this.#early.push(() => this.#done(call, thread));
      return;
    }
    const cause = call.relayed ? undefined : this.#collect(thread);
    if (!call.answered) caller.lost(new OffloadCloneError("result", task, cause));
    this.#ended(call);
  }

  #failed(call: Call, error: unknown): void {
    // No thread may have taken them: an open port keeps them for ever.
    forget(call.args);
    // Collect first: the answer may have been posted just before the thread ended, and nothing says which it was.
    for (const thread of this.#answers.keys()) this.#collect(thread);
    this.#lost(call, `its thread ended: ${words(error)}`, error);
  }

  #lost(call: Call, why: string, cause: unknown): void {
    const { task, relayed, caller } = call;
    // Of a relayed call only its caller knows whether the answer is there already.
    if (relayed || !call.answered) caller.lost(new OffloadLostError(task, why, { cause }));
    this.#ended(call);
  }

  /** Gives the answers that a thread has posted to whoever waits for them. Returns why one can't be read. */
  #collect(thread: number): unknown {
    const port = this.#answers.get(thread);
    try {
      for (let next = port && receiveMessageOnPort(port); next; next = port && receiveMessageOnPort(port)) {
        const { id, answer } = next.message as Answered;
        const call = this.#running.get(id);
        if (!call) continue;
        call.answered = true;
        call.caller.answered(answer);
      }
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #open(): Piscina {
    // Load Piscina with the first call: everything that imports `plait` imports this file, and most never offload.
    const { Piscina } = createRequire(import.meta.url)("piscina") as typeof import("piscina");
    const pool = new Piscina({
      filename: computeMain,
      name: "compute",
      minThreads: 0,
      maxThreads: this.load.threads,
      idleTimeout: IDLE_MS,
      recordTiming: false,
      // With Piscina's own way to wait, a thread's event loop stands still between two calls: it closes no port, so each call
      // that follows another left 3 KB.
      atomics: "disabled",
      niceIncrement: this.#nice,
      ...heapLimit(this.#heap),
    });
    pool.on("message", (message: unknown) => this.#hold(message));
    pool.on("error", (error: unknown) => this.#threadFailed(pool, error));
    return pool;
  }

  /** Keeps the port of a new thread's answers. A task may post something else. */
  #hold(message: unknown): void {
    const { thread, answers } = Object(message) as Partial<AnswersPort>;
    if (thread === undefined || !(answers instanceof MessagePort)) return;
    this.#answers.set(thread, answers);
    answers.once("close", () => this.#answers.delete(thread));
    for (const again of this.#early.splice(0)) again();
  }

  #ended(call: Call): void {
    this.#running.delete(call.id);
    const next = this.#waiting.take();
    if (next !== undefined) this.#start(next);
    this.#count();
  }

  #cancel(call: Call): void {
    if (this.#waiting.remove(call)) {
      forget(call.args);
      this.#count();
    } else if (this.#running.has(call.id)) {
      // Piscina ends the thread of a call that is aborted: the core is free at once.
      call.end.abort();
    }
  }

  /** A thread without a call failed: an idle one, or one that could not start while a call waits for it. */
  #threadFailed(pool: Piscina, error: unknown): void {
    if (pool.queueSize === 0 || pool.threads.length > 0) return;
    for (const call of this.#running.values()) call.end.abort(error);
  }

  #count(): void {
    this.load.update(this.#running.size, this.#waiting.size);
  }
}

/** Arguments that wait for their thread as they are now. Only what can't change need not be cloned for that. */
function parked(task: TaskAddress, args: readonly unknown[], transfer: readonly Transferable[]): ComputeCall["args"] {
  if (Array.isArray(args) && args.every(isPlain) && transfer.length === 0) return [...args];
  const { near, far } = openCallChannel(task, args, transfer);
  near.close();
  return far;
}

function isPlain(value: unknown): boolean {
  return value === null || !["object", "function", "symbol"].includes(typeof value);
}

function refuse({ args, caller }: Call, error: Error): void {
  forget(args);
  queueMicrotask(() => caller.lost(error));
}

function closed(task: TaskAddress): OffloadLostError {
  return new OffloadLostError(task, "the compute pool was closed");
}

function forget(args: ComputeCall["args"]): void {
  if (args instanceof MessagePort) args.close();
}
