// Serves each socket with a coroutine that runs the service's handler.
import type { Socket } from "node:net";
import { askToEnd, openConnection } from "./connection.ts";
import { Link } from "./link.ts";
import type { ConnectionSettings } from "./options.ts";
import type { ConnectionOutcome } from "./outcome.ts";
import { ServedConnection, type ServedOwner } from "./served-connection.ts";
import type { Service } from "./service.ts";
import type { OnError, Serving } from "./serving.ts";
import { SocketTransport } from "./socket-transport.ts";

export class CoroutineServing implements Serving, ServedOwner {
  readonly onError: OnError;
  readonly #service: Service;
  readonly #settings: ConnectionSettings;
  readonly #open = new Set<ServedConnection>();
  #draining = false;

  constructor(service: Service, settings: ConnectionSettings, onError: OnError) {
    this.#service = service;
    this.#settings = settings;
    this.onError = onError;
  }

  get draining(): boolean {
    return this.#draining;
  }

  serve(socket: Socket, id: string): Promise<ConnectionOutcome> {
    const transport = SocketTransport.over(socket, this.#settings.watermarks.high);
    if (transport === undefined) return Promise.resolve("reset");
    const conn = openConnection(id, new Link(transport, this.#settings));
    if (this.#draining) askToEnd(conn);
    const served = new ServedConnection(conn, this.#service, this);
    this.#open.add(served);
    return served.serve();
  }

  ended(served: ServedConnection): void {
    this.#open.delete(served);
  }

  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (const served of this.#open) served.drain();
  }

  async cancel(reason: unknown): Promise<void> {
    await Promise.all(Array.from(this.#open, (served) => served.cancel(reason)));
  }
}
