// Carries a connection over an operating-system socket: TCP or unix-domain.
import { AdoptedSocket } from "./adopted-socket.ts";
import type { Incoming } from "./incoming.ts";
import type { Taken } from "./node-socket.ts";
import { localPeer, type Peer } from "./peer.ts";
import type { Receiver, Transport } from "./transport.ts";
import { beginIoCallback, endIoCallback } from "./turn.ts";
import type { Writable } from "./writable.ts";

export class SocketTransport extends AdoptedSocket implements Transport {
  readonly remote: Peer;
  #receiver: Receiver | undefined;
  #alreadyRead: Buffer | undefined;
  #finishing = false;
  #local: Peer | undefined;

  private constructor({ handle, alreadyRead }: Taken, remote: Peer) {
    super(handle);
    this.remote = remote;
    this.#alreadyRead = alreadyRead;
  }

  /**
   * Takes over an accepted, transferred or connected socket.
   *
   * @returns `undefined` when it is gone already.
   */
  static over(incoming: Incoming): SocketTransport | undefined {
    const { remote } = incoming;
    const taken = incoming.take();
    return taken && new SocketTransport(taken, remote);
  }

  get tls(): undefined {
    return undefined;
  }

  /** Asked of the system on first access: it costs a system call that few handlers need. */
  get local(): Peer {
    this.#local ??= localPeer(this);
    return this.#local;
  }

  get pending(): number {
    return this.unsent;
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
    const early = this.#alreadyRead;
    this.#alreadyRead = undefined;
    if (early !== undefined) receiver.received(early, early.length, false);
  }

  send(data: Writable): void {
    if (!this.#finishing) this.transmit(data);
  }

  finish(): void {
    this.#finishing = true;
    this.end();
  }

  reset(): void {
    // A reset is refused while the end of the stream is being sent, and only TCP has one.
    if (this.#finishing || this.remote.family === "unix") this.destroy();
    else this.resetNow();
  }

  protected onBytes(memory: Buffer, length: number, borrowed: boolean): void {
    beginIoCallback();
    try {
      this.#receiver?.received(memory, length, borrowed);
    } finally {
      endIoCallback();
    }
  }

  protected onEnd(): void {
    this.#receiver?.ended();
    endIoCallback();
  }

  protected onTaken(): void {
    this.#receiver?.drained();
    endIoCallback();
  }

  protected onFinish(): void {
    this.#receiver?.finished();
    endIoCallback();
  }

  protected onClose(error: Error | undefined): void {
    this.#receiver?.closed(error);
    endIoCallback();
  }
}
