// One connection a service is serving, from its first byte until its handler has ended and its descriptor is gone.
import { type Co, spawn, spawnWith, type Task } from "@plait/coroutine";
import { askToEnd, type Connection, linkOf } from "./connection.ts";
import type { LinkWatcher } from "./link.ts";
import { type ConnectionOutcome, outcomeOf } from "./outcome.ts";
import { formatPeer } from "./peer.ts";
import type { Service } from "./service.ts";
import type { OnError } from "./serving.ts";

/** Told when a served connection has come to its end. */
export interface ServedOwner {
  readonly draining: boolean;
  readonly onError: OnError;
  ended(served: ServedConnection, outcome: ConnectionOutcome): void;
}

export class ServedConnection implements LinkWatcher {
  readonly conn: Connection;
  readonly #service: Service;
  readonly #owner: ServedOwner;
  #task: Task | undefined;
  /** Set when the handler has ended. */
  #outcome: ConnectionOutcome | undefined;
  /** Settles the promise of {@link serve}. */
  #resolve: (outcome: ConnectionOutcome) => void = () => {};

  constructor(conn: Connection, service: Service, owner: ServedOwner) {
    this.conn = conn;
    this.#service = service;
    this.#owner = owner;
  }

  /** Runs the handler and settles when everything is over. */
  serve(): Promise<ConnectionOutcome> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      linkOf(this.conn).watcher = this;
      this.#task = spawnWith({ name: this.conn.id, start: "now" }, () => this.#handle());
    });
  }

  /** The unit is draining. */
  drain(): void {
    askToEnd(this.conn);
    if (this.#service.goodbye === undefined) return;
    spawnWith({ name: `${this.conn.id} goodbye` }, () => this.#sayGoodbye());
  }

  /** Cancels the handler and lets go of the descriptor without waiting for the peer. */
  async cancel(reason: unknown): Promise<void> {
    await this.#task?.cancel(reason);
    linkOf(this.conn).close(0);
  }

  /** The descriptor is gone. */
  linkClosed(): void {
    if (this.#outcome !== undefined) this.#settle(this.#outcome);
  }

  *#handle(): Co<void> {
    try {
      yield* this.#call("connection");
      this.#handled(this.#owner.draining ? "goodbye" : "served");
    } catch (error) {
      const outcome = outcomeOf(error);
      if (outcome === "failed") this.#report(error);
      this.#handled(outcome);
    }
  }

  #handled(outcome: ConnectionOutcome): void {
    this.#outcome = outcome;
    const link = linkOf(this.conn);
    if (link.phase === "closed") this.#settle(outcome);
    else link.close();
  }

  #settle(outcome: ConnectionOutcome): void {
    const { loss } = linkOf(this.conn);
    const inOrder = outcome === "served" || outcome === "goodbye";
    const verdict = inOrder && loss !== undefined ? outcomeOf(loss) : outcome;
    this.#owner.ended(this, verdict);
    this.#resolve(verdict);
  }

  *#sayGoodbye(): Co<void> {
    try {
      yield* this.#call("goodbye");
    } catch (error) {
      // The handler may close the connection under a goodbye: that is no failure.
      if (!this.conn.closed && outcomeOf(error) === "failed") this.#report(error);
    }
  }

  /** Runs a function of the service: a generator inside this coroutine, anything else in a child of it. */
  *#call(name: "connection" | "goodbye"): Co<void> {
    const service = this.#service;
    const fn = service[name];
    if (isGeneratorFunction(fn)) yield* fn.call(service, this.conn);
    else if (fn !== undefined) yield* spawn(() => fn.call(service, this.conn));
  }

  #report(error: unknown): void {
    this.#owner.onError(error, { id: this.conn.id, peer: formatPeer(this.conn.remote) });
  }
}

const generatorFunction: unknown = Object.getPrototypeOf(function* () {});

function isGeneratorFunction(fn: unknown): fn is (conn: Connection) => Co<unknown> {
  return typeof fn === "function" && Object.getPrototypeOf(fn) === generatorFunction;
}
