// Serves each socket with a coroutine that runs the service's handler.
import { askToEnd, type Connection, openConnection } from "./connection.ts";
import type { Incoming } from "./incoming.ts";
import { Link } from "./link.ts";
import type { Admitted } from "./listener.ts";
import { ServedConnection, type ServedOwner } from "./served-connection.ts";
import type { Service } from "./service.ts";
import type { ConnectionFacts, EndListener, OnError, Serving } from "./serving.ts";
import { SocketTransport } from "./socket-transport.ts";
import { isTls } from "./tls-module.ts";
import { TlsTransport } from "./tls-transport.ts";
import type { Transport } from "./transport.ts";

export class CoroutineServing implements Serving, ServedOwner {
  readonly service: Service;
  readonly handler: (conn: Connection) => unknown;
  readonly #onError: OnError;
  readonly #open = new Set<ServedConnection>();
  #draining = false;

  constructor(service: Service, onError: OnError) {
    this.service = service;
    this.handler = service.connection.bind(service);
    this.#onError = onError;
  }

  get draining(): boolean {
    return this.#draining;
  }

  serve({ incoming, settings, proxy }: Admitted, id: string, listener: EndListener): void {
    const transport = transportOver(incoming);
    if (transport === undefined) {
      listener.ended("reset");
      return;
    }
    const conn = openConnection(id, new Link(transport, settings), proxy);
    if (this.#draining) askToEnd(conn);
    const served = new ServedConnection(conn, this, listener);
    this.#open.add(served);
    served.start();
  }

  connectionOf(id: string): ConnectionFacts | undefined {
    for (const served of this.#open) if (served.conn.id === id) return served;
    return undefined;
  }

  failed(error: unknown, { conn, peer }: ServedConnection): void {
    this.#onError(error, { id: conn.id, peer });
  }

  over(served: ServedConnection): void {
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

function transportOver(incoming: Incoming): Transport | undefined {
  const socket = incoming.made;
  if (socket === undefined || !isTls(socket)) return SocketTransport.over(incoming);
  return socket.destroyed ? undefined : new TlsTransport(socket);
}
