// Carries a connection over an operating-system socket: TCP or unix-domain.
import type { Socket } from "node:net";
import { type AdoptedSocket, adopt, type SocketListener } from "./adopted-socket.ts";
import { localPeer, type Peer, remotePeer } from "./peer.ts";
import type { Receiver, Transport } from "./transport.ts";
import { beginIoCallback, endIoCallback } from "./turn.ts";
import type { Writable } from "./writable.ts";

export class SocketTransport implements Transport, SocketListener {
  readonly remote: Peer;
  readonly #socket: AdoptedSocket;
  #receiver: Receiver | undefined;
  #alreadyRead: Buffer | undefined;
  #finishing = false;
  #local: Peer | undefined;

  private constructor(socket: AdoptedSocket, alreadyRead: Buffer | undefined, remote: Peer) {
    this.#socket = socket;
    this.#alreadyRead = alreadyRead;
    this.remote = remote;
    socket.listener = this;
  }

  /**
   * Takes over an accepted, transferred or connected socket.
   *
   * @returns `undefined` when the socket is gone already.
   */
  static over(socket: Socket): SocketTransport | undefined {
    const remote = remotePeer(socket);
    const adoption = adopt(socket);
    return adoption && new SocketTransport(adoption.socket, adoption.alreadyRead, remote);
  }

  get tls(): undefined {
    return undefined;
  }

  /** Asked of the system on first access: it costs a system call that few handlers need. */
  get local(): Peer {
    this.#local ??= localPeer(this.#socket);
    return this.#local;
  }

  get pending(): number {
    return this.#socket.unsent;
  }

  get taken(): number {
    return this.#socket.taken;
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
    const early = this.#alreadyRead;
    this.#alreadyRead = undefined;
    if (early !== undefined) receiver.received(early, early.length, false);
  }

  send(data: Writable): void {
    if (!this.#finishing) this.#socket.transmit(data);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#socket.destroyed) this.#socket.resume();
  }

  finish(): void {
    this.#finishing = true;
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  reset(): void {
    // A reset is refused while the end of the stream is being sent, and only TCP has one.
    if (this.#finishing || this.remote.family === "unix") this.#socket.destroy();
    else this.#socket.resetNow();
  }

  onBytes(memory: Buffer, length: number, borrowed: boolean): void {
    beginIoCallback();
    try {
      this.#receiver?.received(memory, length, borrowed);
    } finally {
      endIoCallback();
    }
  }

  onEnd(): void {
    this.#receiver?.ended();
    endIoCallback();
  }

  onTaken(): void {
    this.#receiver?.drained();
    endIoCallback();
  }

  onFinish(): void {
    this.#receiver?.finished();
    endIoCallback();
  }

  onClose(error: Error | undefined): void {
    this.#receiver?.closed(error);
    endIoCallback();
  }
}
