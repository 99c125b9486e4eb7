// One connection a service is serving, from its first byte until its handler has ended and its descriptor is gone.
import { type Outcome, spawnWith, type Task } from "@plait/coroutine";
import { outlivesCancel, Witness } from "@plait/coroutine/unstable";
import { askToEnd, type Connection, linkOf } from "./connection.ts";
import { ConnectionClosedError } from "./errors.ts";
import type { LinkWatcher } from "./link.ts";
import { type ConnectionOutcome, outcomeOf } from "./outcome.ts";
import { formatPeer } from "./peer.ts";
import type { Service } from "./service.ts";
import type { EndListener } from "./serving.ts";

/** What serves a connection. */
export interface ServedOwner {
  readonly service: Service;
  /** The service's `connection`, to be called without the service. */
  readonly handler: (conn: Connection) => unknown;
  readonly draining: boolean;
  failed(error: unknown, served: ServedConnection): void;
  /** Everything is over. */
  over(served: ServedConnection): void;
}

export class ServedConnection extends Witness implements LinkWatcher {
  readonly conn: Connection;
  readonly owner: ServedOwner;
  readonly #listener: EndListener;
  /** Whole ms: a small integer takes no memory of its own. */
  readonly #since = Math.round(performance.now());
  #task: Task | undefined;
  /** Set when the handler has ended. */
  #outcome: ConnectionOutcome | undefined;

  /** @param listener Told when everything is over. */
  constructor(conn: Connection, owner: ServedOwner, listener: EndListener) {
    super();
    this.conn = conn;
    this.owner = owner;
    this.#listener = listener;
  }

  /** "127.0.0.1:4100" */
  get peer(): string {
    return formatPeer(this.conn.remote);
  }

  get ageMs(): number {
    return Math.round(performance.now()) - this.#since;
  }

  /** Runs the handler. */
  start(): void {
    linkOf(this.conn).watcher = this;
    this.#task = spawnWith({ name: this.conn.id, start: "now" }, this.owner.handler, this.conn);
    this.watch(this.#task);
  }

  /** The unit is draining. */
  drain(): void {
    askToEnd(this.conn);
    const { service } = this.owner;
    if (service.goodbye === undefined) return;
    const goodbye = spawnWith({ name: `${this.conn.id} goodbye` }, () => service.goodbye?.(this.conn));
    goodbye.settled().then((outcome) => {
      if (outcome.status === "rejected" && verdict(outcome.reason, this.conn, true) === "failed")
        this.owner.failed(outcome.reason, this);
    });
  }

  /** Cancels the handler and lets go of the descriptor without waiting for the peer. */
  async cancel(reason: unknown): Promise<void> {
    const task = this.#task;
    const cancelled = task?.cancel(reason);
    // A turn later: a handler that only waited for Plait has unwound by then.
    setImmediate(() => {
      if (task && outlivesCancel(task)) this.#handled("cancelled");
    });
    await cancelled;
    linkOf(this.conn).close(0);
  }

  /** The handler has ended, and every task it had started. */
  ended(outcome: Outcome<unknown>): void {
    const { owner } = this;
    if (outcome.status === "fulfilled") {
      this.#handled(owner.draining ? "goodbye" : "served");
      return;
    }
    const how = outcome.status === "cancelled" ? "cancelled" : verdict(outcome.reason, this.conn, owner.draining);
    try {
      if (how === "failed") owner.failed(outcome.reason, this);
    } finally {
      this.#handled(how);
    }
  }

  #handled(outcome: ConnectionOutcome): void {
    if (this.#outcome !== undefined) return;
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
    const how = inOrder && loss !== undefined ? outcomeOf(loss, linkOf(this.conn)) : outcome;
    try {
      // Of a loss that is no peer's doing the handler has heard nothing.
      if (how === "failed" && outcome !== "failed") this.owner.failed(loss, this);
    } finally {
      this.owner.over(this);
      this.#listener.ended(how);
    }
  }
}

/** A handler whose connection a goodbye has closed meanwhile did nothing wrong. */
function verdict(error: unknown, conn: Connection, draining: boolean): ConnectionOutcome {
  return draining && error instanceof ConnectionClosedError ? "goodbye" : outcomeOf(error, linkOf(conn));
}
