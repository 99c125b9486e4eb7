// Gives every incarnation of a thread its own duplicate of each socket that it accepts from.
//
// One duplicate an incarnation, never one number in two threads: closing it in one would close it in the other, and a
// thread that ends closes what it has opened.
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { acceptingServer, isTcp, LentDescriptors, type Loan, listenOn, type NativeHandle } from "@plait/process";
import type { FromThread, ToThread } from "./wire.ts";

export interface DirectListenersOptions {
  /** One more duplicate of the socket of the listener with that index; undefined when the listener is closed. */
  readonly duplicate: (listener: number) => Promise<NativeHandle | undefined>;
  /** Called when a thread that was full has room again. */
  readonly onRoom: () => void;
  /** Called when a thread can't accept. */
  readonly onFailed: (unit: string, reason: string) => void;
}

/** What is known of a listener that threads may accept from. */
interface Opened {
  readonly backlog: number;
  /** The duplicate that the process was started with, until a thread has it. */
  spare: NativeHandle | undefined;
}

/** The way to one incarnation of a thread. */
interface Line {
  readonly unit: string;
  readonly port: MessagePort;
  readonly loans: Map<number, Loan>;
  /** Listeners that it has asked for before they were open. */
  readonly early: Set<number>;
  /** Settle when it accepts from a listener, or is gone. */
  readonly listening: Map<number, PromiseWithResolvers<void>>;
  isClosed: boolean;
}

/** Owns the duplicates that no thread has yet, and what came with those that were lent. */
export class DirectListeners {
  readonly #options: DirectListenersOptions;
  readonly #lines = new Set<Line>();
  readonly #opened = new Map<number, Opened>();
  readonly #lent = new LentDescriptors();
  #closed = false;

  constructor(options: DirectListenersOptions) {
    this.#options = options;
  }

  /** The thread's end of a line to a new incarnation; it closes with the thread. */
  line(unit: string): MessagePort {
    const { port1: port, port2 } = new MessageChannel();
    const line: Line = { unit, port, loans: new Map(), early: new Set(), listening: new Map(), isClosed: false };
    this.#lines.add(line);
    port.on("message", (message: FromThread) => this.#onMessage(line, message));
    port.on("close", () => {
      line.isClosed = true;
      this.#lines.delete(line);
      for (const loan of line.loans.values()) this.#lent.back(loan);
      for (const { resolve } of line.listening.values()) resolve();
    });
    port.unref();
    return port2;
  }

  /**
   * Lets threads accept from a listener; resolves when every one that is there does.
   *
   * @param handle the first duplicate; it is owned here from now on
   */
  async open(handle: NativeHandle, listener: number, backlog: number): Promise<void> {
    this.#opened.set(listener, { backlog, spare: handle });
    for (const line of this.#lines) if (line.early.delete(listener)) void this.#supply(line, listener);
    await Promise.all([...this.#lines].map((line) => listeningOf(line, listener).promise));
  }

  /** Has every thread accept no more, and gives out no more duplicates. */
  close(): void {
    this.#closed = true;
    for (const { port } of this.#lines) port.postMessage({ type: "close" } satisfies ToThread);
    for (const opened of this.#opened.values()) {
      opened.spare?.close();
      opened.spare = undefined;
    }
  }

  #onMessage(line: Line, message: FromThread): void {
    if (message.type === "wants") {
      const { listener, returned } = message;
      const loan = returned === undefined ? undefined : line.loans.get(returned);
      if (loan) {
        line.loans.delete(loan.descriptor);
        this.#lent.back(loan);
      }
      if (this.#opened.has(listener)) void this.#supply(line, listener);
      else line.early.add(listener);
    } else if (message.type === "listens") listeningOf(line, message.listener).resolve();
    else if (message.type === "room") this.#options.onRoom();
    else this.#options.onFailed(line.unit, message.reason);
  }

  async #supply(line: Line, listener: number): Promise<void> {
    const opened = this.#opened.get(listener);
    if (!opened || this.#closed) return;
    const { spare } = opened;
    opened.spare = undefined;
    const handle = spare ?? (await this.#options.duplicate(listener));
    if (!handle) line.port.postMessage({ type: "socket", listener } satisfies ToThread);
    else if (line.isClosed || this.#closed) handle.close();
    else if (isTcp(handle)) this.#transfer(line, listener, handle, opened.backlog);
    else this.#lend(line, listener, handle, opened.backlog);
  }

  #transfer({ unit, port }: Line, listener: number, handle: NativeHandle, backlog: number): void {
    const server = acceptingServer();
    server.once("error", ({ message }) => this.#options.onFailed(unit, message));
    listenOn(server, handle, backlog);
    // In this turn of the event loop: later it would accept here.
    if (server.listening) {
      port.postMessage({ type: "socket", listener, server } satisfies ToThread, [server as unknown as MessagePort]);
    }
  }

  #lend({ port, loans }: Line, listener: number, handle: NativeHandle, backlog: number): void {
    const loan = this.#lent.lend(handle);
    loans.set(loan.descriptor, loan);
    port.postMessage({ type: "socket", listener, loan, backlog } satisfies ToThread);
  }
}

function listeningOf({ listening }: Line, listener: number): PromiseWithResolvers<void> {
  const known = listening.get(listener) ?? Promise.withResolvers<void>();
  listening.set(listener, known);
  return known;
}
