// Serves each socket with a coroutine that runs the service's handler.
import type { Socket } from "node:net";
import { askToEnd, openConnection } from "./connection.ts";
import { Link } from "./link.ts";
import type { ConnectionSettings } from "./options.ts";
import type { ConnectionOutcome } from "./outcome.ts";
import { ServedConnection, type ServedOwner } from "./served-connection.ts";
import type { Service } from "./service.ts";
import type { OnEnd, OnError, Serving } from "./serving.ts";
import { SocketTransport } from "./socket-transport.ts";

export class CoroutineServing implements Serving, ServedOwner {
  readonly service: Service;
  readonly #settings: ConnectionSettings;
  readonly #onError: OnError;
  readonly #open = new Map<ServedConnection, OnEnd>();
  #draining = false;

  constructor(service: Service, settings: ConnectionSettings, onError: OnError) {
    this.service = service;
    this.#settings = settings;
    this.#onError = onError;
  }

  get draining(): boolean {
    return this.#draining;
  }

  serve(socket: Socket, id: string, onEnd: OnEnd): void {
    const transport = SocketTransport.over(socket, this.#settings.watermarks.high);
    if (transport === undefined) {
      onEnd("reset");
      return;
    }
    const served = new ServedConnection(openConnection(id, new Link(transport, this.#settings)), this);
    if (this.#draining) askToEnd(served.conn);
    this.#open.set(served, onEnd);
    served.start();
  }

  failed(error: unknown, { conn, peer }: ServedConnection): void {
    this.#onError(error, { id: conn.id, peer });
  }

  ended(served: ServedConnection, outcome: ConnectionOutcome): void {
    const onEnd = this.#open.get(served);
    this.#open.delete(served);
    onEnd?.(outcome);
  }

  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (const served of this.#open.keys()) served.drain();
  }

  async cancel(reason: unknown): Promise<void> {
    await Promise.all(Array.from(this.#open.keys(), (served) => served.cancel(reason)));
  }
}
