// Serves a service in the supervisor's own process: topologies with 0 processes.
import type { RollResult, ShutdownBudget } from "@plait/policy";
import type { ListeningSocket, OutputStream } from "@plait/process";
import type { Recording } from "@plait/thread";
import { recordMainThread } from "@plait/thread/inspect";
import { type BodyEvent, type BodyOptions, ServiceBody } from "./body.ts";
import { bookPlaces, ConnectionBook, readBook } from "./connection-book.ts";
import type { ProcessDump } from "./dump.ts";
import type { ProcessSlot } from "./status.ts";

export interface InProcessOptions {
  readonly unit: string;
  readonly body: BodyOptions;
  readonly sockets: readonly { readonly socket: ListeningSocket; readonly backlog: number }[];
  readonly onTold: (unit: string, incarnation: number, event: BodyEvent) => void;
  /** Called with every line that a thread writes, marked with its id. */
  readonly onLine: (stream: OutputStream, line: string) => void;
  readonly onGaveUp: (reason: string) => void;
}

/** Owns the service's body until `stop` has resolved. */
export class InProcess {
  readonly #unit: string;
  readonly #body: ServiceBody;
  readonly #numbers: Float64Array;
  #options: BodyOptions;
  readonly #startedAt = Date.now();
  #state: ProcessSlot["state"] = "ready";

  private constructor(unit: string, options: BodyOptions, body: ServiceBody, numbers: Float64Array) {
    this.#unit = unit;
    this.#options = options;
    this.#numbers = numbers;
    this.#body = body;
  }

  static async start(options: InProcessOptions): Promise<InProcess> {
    const { unit, sockets, onTold, onLine, onGaveUp } = options;
    const numbers = new Float64Array(bookPlaces);
    const book = new ConnectionBook({ numbers, save: () => {} });
    const hooks = { tell: (event: BodyEvent) => onTold(unit, 1, event), write: onLine, fail: onGaveUp, book };
    const body = await ServiceBody.start(unit, options.body, hooks);
    for (const [index, { socket, backlog }] of sockets.entries()) await body.listen(socket.handle, index, backlog);
    return new InProcess(unit, options.body, body, numbers);
  }

  get units(): readonly string[] {
    return [this.#unit];
  }

  /** Calls a method of the service in a unit, within so many ms. */
  call(unit: string, method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    return this.#body.call(unit, method, args, timeout);
  }

  /** It can't be replaced while it runs. */
  readonly kept: readonly never[] = [];
  readonly removed: readonly never[] = [];

  /** How many processes serve. */
  get ready(): number {
    return this.#state === "ready" ? 1 : 0;
  }

  async status(): Promise<readonly ProcessSlot[]> {
    return [
      {
        unit: this.#unit,
        state: this.#state,
        pid: process.pid,
        incarnation: 1,
        startedAt: this.#startedAt,
        lastExit: null,
        next: null,
        ...(await this.#body.share()),
        ...readBook(this.#numbers),
      },
    ];
  }

  async dump(locals: boolean): Promise<readonly ProcessDump[]> {
    return [{ unit: this.#unit, incarnation: 1, blocked: null, ...(await this.#body.dump(locals)) }];
  }

  /** Writes a profile or a snapshot to a file: of the supervisor's own main thread, or of a serving thread. */
  record(unit: string, recording: Recording, file: string): Promise<void> {
    return unit === this.#unit ? recordMainThread(recording, file) : this.#body.record(unit, recording, file);
  }

  /** How its body was started, and what has changed since. */
  get plan(): { readonly body: BodyOptions } {
    return { body: this.#options };
  }

  async update({ body }: { readonly body: BodyOptions }): Promise<void> {
    this.#options = body;
    await this.#body.update(body);
  }

  reloadTls(): Promise<void> {
    return this.#body.reloadTls();
  }

  async resizeThreads(threads: number, { drain, cancel }: ShutdownBudget): Promise<void> {
    await this.#body.resize(threads, { drain, cancel });
  }

  restartThreads(threads: readonly string[], { drain, cancel }: ShutdownBudget): Promise<RollResult> {
    return this.#body.restartThreads(threads, { drain, cancel });
  }

  async stop({ drain, cancel }: ShutdownBudget, hurry: AbortSignal): Promise<void> {
    this.#state = "stopping";
    if (hurry.aborted) this.#body.hurry();
    hurry.addEventListener("abort", () => this.#body.hurry(), { once: true });
    await this.#body.drain({ drain, cancel });
    this.#state = "stopped";
  }
}
