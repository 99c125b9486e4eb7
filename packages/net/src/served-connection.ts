// One connection a service is serving, from its first byte until its handler has ended and its descriptor is gone.
import { type Co, spawn, spawnWith, type Task } from "@plait/coroutine";
import { delegating } from "@plait/coroutine/unstable";
import { askToEnd, type Connection, linkOf } from "./connection.ts";
import { ConnectionClosedError } from "./errors.ts";
import type { LinkWatcher } from "./link.ts";
import { type ConnectionOutcome, outcomeOf } from "./outcome.ts";
import { formatPeer } from "./peer.ts";
import type { Service } from "./service.ts";

/** What serves a connection, and hears how it ended. */
export interface ServedOwner {
  readonly service: Service;
  readonly draining: boolean;
  failed(error: unknown, served: ServedConnection): void;
  ended(served: ServedConnection, outcome: ConnectionOutcome): void;
}

export class ServedConnection implements LinkWatcher {
  readonly conn: Connection;
  readonly owner: ServedOwner;
  #task: Task | undefined;
  /** Set when the handler has ended. */
  #outcome: ConnectionOutcome | undefined;

  constructor(conn: Connection, owner: ServedOwner) {
    this.conn = conn;
    this.owner = owner;
  }

  /** "127.0.0.1:4100" */
  get peer(): string {
    return formatPeer(this.conn.remote);
  }

  /** Runs the handler; the owner is told when everything is over. */
  start(): void {
    linkOf(this.conn).watcher = this;
    this.#task = spawnWith({ name: this.conn.id, start: "now" }, handle, this);
  }

  /** The unit is draining. */
  drain(): void {
    askToEnd(this.conn);
    if (this.owner.service.goodbye === undefined) return;
    spawnWith({ name: `${this.conn.id} goodbye` }, sayGoodbye, this);
  }

  /** Cancels the handler and lets go of the descriptor without waiting for the peer. */
  async cancel(reason: unknown): Promise<void> {
    await this.#task?.cancel(reason);
    linkOf(this.conn).close(0);
  }

  /** The handler has ended. */
  handled(outcome: ConnectionOutcome): void {
    this.#outcome = outcome;
    const link = linkOf(this.conn);
    if (link.phase === "closed") this.#settle(outcome);
    else link.close();
  }

  /** The descriptor is gone. */
  linkClosed(): void {
    if (this.#outcome !== undefined) this.#settle(this.#outcome);
  }

  #settle(outcome: ConnectionOutcome): void {
    const { loss } = linkOf(this.conn);
    const inOrder = outcome === "served" || outcome === "goodbye";
    this.owner.ended(this, inOrder && loss !== undefined ? outcomeOf(loss, linkOf(this.conn)) : outcome);
  }
}

function* handle(served: ServedConnection): Co<void> {
  const { conn, owner } = served;
  const { service } = owner;
  try {
    const { connection } = service;
    // A generator runs inside this coroutine, which costs least; anything else in a child of it.
    if (isGeneratorFunction(connection)) yield* delegating(connection.call(service, conn));
    else yield* spawn(() => service.connection(conn));
    served.handled(owner.draining ? "goodbye" : "served");
  } catch (error) {
    const outcome = verdict(error, conn, owner.draining);
    try {
      if (outcome === "failed") owner.failed(error, served);
    } finally {
      served.handled(outcome);
    }
  }
}

/** A handler whose connection a goodbye has closed meanwhile did nothing wrong. */
function verdict(error: unknown, conn: Connection, draining: boolean): ConnectionOutcome {
  return draining && error instanceof ConnectionClosedError ? "goodbye" : outcomeOf(error, linkOf(conn));
}

function* sayGoodbye(served: ServedConnection): Co<void> {
  const { conn, owner } = served;
  const { service } = owner;
  try {
    yield* spawn(() => service.goodbye?.(conn));
  } catch (error) {
    if (verdict(error, conn, true) === "failed") owner.failed(error, served);
  }
}

const generatorFunction: unknown = Object.getPrototypeOf(function* () {});

function isGeneratorFunction(fn: unknown): fn is (conn: Connection) => Co<unknown> {
  return typeof fn === "function" && Object.getPrototypeOf(fn) === generatorFunction;
}
