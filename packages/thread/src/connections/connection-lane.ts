// The connections of one serving thread, seen from the main thread: handed over on a port of their own, and counted.
//
// Not as Piscina tasks: a task is a queue's entry, a promise and a message of its own back for each connection.
import type { Socket } from "node:net";
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { EndedConnections, HandedConnection } from "./wire.ts";

/** What became of the connections that a thread was given: total = connections + the outcomes' sum + lost. */
export interface ThreadStats {
  /** Being served now. */
  readonly connections: number;
  readonly total: number;
  /** How those that ended did, by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Ended because the thread did. */
  readonly lost: number;
}

/** The sum of two threads' counters. */
export function addedStats(a: ThreadStats, b: ThreadStats): ThreadStats {
  const outcomes: Record<string, number> = { ...a.outcomes };
  for (const [outcome, count] of Object.entries(b.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
  return {
    connections: a.connections + b.connections,
    total: a.total + b.total,
    outcomes,
    lost: a.lost + b.lost,
  };
}

/** Told how a connection ended: with its outcome, or undefined when the thread ended first. */
export type OnConnectionEnd = (outcome: string | undefined) => void;

/** Owns its port until `close`. The books are kept on this side: the thread's death takes nothing of them away. */
export class ConnectionLane {
  /** The thread's end. */
  readonly far: MessagePort;
  readonly #near: MessagePort;
  readonly #open = new Map<number, OnConnectionEnd>();
  readonly #outcomes: Record<string, number> = {};
  readonly #whenIdle: (() => void)[] = [];
  #total = 0;
  #lost = 0;
  #closed = false;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#near = port1;
    this.far = port2;
    port1.on("message", (ended: EndedConnections) => this.#take(ended));
    port1.unref();
  }

  get connections(): number {
    return this.#open.size;
  }

  get stats(): ThreadStats {
    return {
      connections: this.#open.size,
      total: this.#total,
      outcomes: { ...this.#outcomes },
      lost: this.#lost,
    };
  }

  /**
   * Hands a connection over; its socket is spent. `onEnd` is called once, after this returns, also for one that can't
   * be transferred.
   */
  hand(socket: Socket, listener: string, acceptedAt: number | undefined, onEnd: OnConnectionEnd): void {
    const id = ++this.#total;
    // What is being served keeps the process alive.
    if (this.#open.size === 0) this.#near.ref();
    this.#open.set(id, onEnd);
    try {
      if (this.#closed) throw new Error("the thread is being ended");
      const handed: HandedConnection = [id, listener, acceptedAt, socket];
      // Node transfers sockets; its types don't know it yet.
      this.#near.postMessage(handed, [socket as unknown as MessagePort]);
    } catch {
      // Its peer has gone meanwhile, or the thread.
      socket.destroy();
      queueMicrotask(() => this.#end(id, undefined));
    }
  }

  /** Resolves when no connection is open. */
  async idle(): Promise<void> {
    if (this.#open.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Takes what the thread has told by now, and closes the port. What is under way to the thread is closed with it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (let told = receiveMessageOnPort(this.#near); told; told = receiveMessageOnPort(this.#near)) {
      this.#take(told.message as EndedConnections);
    }
    this.#near.close();
  }

  /** The thread is gone: takes what it told last; what it has not told of is lost. */
  abandon(): void {
    this.close();
    for (const id of this.#open.keys()) this.#end(id, undefined);
  }

  #take(ended: EndedConnections): void {
    for (let n = 0; n < ended.length; n += 2) this.#end(ended[n] as number, ended[n + 1] as string);
  }

  #end(id: number, outcome: string | undefined): void {
    const onEnd = this.#open.get(id);
    if (!onEnd) return;
    this.#open.delete(id);
    if (outcome === undefined) this.#lost++;
    else this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
    if (this.#open.size === 0) {
      this.#near.unref();
      for (const wake of this.#whenIdle.splice(0)) wake();
    }
    onEnd(outcome);
  }
}
