// Carries a connection over TLS, once the handshake is done.
import type { TLSSocket } from "node:tls";
import { trafficOf } from "./node-socket.ts";
import { localPeer, type Peer, remotePeer } from "./peer.ts";
import type { TlsInfo } from "./tls-info.ts";
import type { Receiver, Transport } from "./transport.ts";
import { endIoCallback } from "./turn.ts";
import type { Writable } from "./writable.ts";

export class TlsTransport implements Transport {
  readonly remote: Peer;
  readonly local: Peer;
  readonly tls: TlsInfo;
  readonly #socket: TLSSocket;
  #receiver: Receiver | undefined;
  #error: Error | undefined;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.remote = remotePeer(socket);
    this.local = localPeer(socket);
    this.tls = describe(socket);
    // The connection decides when its writing half ends, as it does on plain sockets.
    socket.allowHalfOpen = true;
  }

  get pending(): number {
    return this.#socket.writableLength;
  }

  get taken(): number {
    return trafficOf(this.#socket).taken;
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
    this.#socket
      .on("data", (chunk: Buffer) => this.#report(() => receiver.received(chunk, chunk.length, false)))
      .on("end", () => this.#report(() => receiver.ended()))
      .on("finish", () => this.#report(() => receiver.finished()))
      .on("error", (error) => {
        this.#error = error;
      })
      .on("close", () => this.#report(() => receiver.closed(this.#error)));
  }

  send(data: Writable): void {
    const socket = this.#socket;
    if (!socket.writable) return;
    const chunks = Array.isArray(data) ? data : [data];
    socket.cork();
    chunks.forEach((chunk, index) => {
      if (index < chunks.length - 1) socket.write(chunk);
      else socket.write(chunk, (error) => error ?? this.#report(() => this.#receiver?.drained()));
    });
    socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#socket.destroyed) this.#socket.resume();
  }

  finish(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** TLS has no reset of its own: the descriptor is closed without the end of the stream, which peers see as truncation. */
  reset(): void {
    this.#socket.destroy();
  }

  #report(event: () => void): void {
    event();
    endIoCallback();
  }
}

function describe(socket: TLSSocket): TlsInfo {
  const certificate = socket.getPeerCertificate();
  const name = "servername" in socket ? socket.servername : undefined;
  return {
    version: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher().name,
    alpn: typeof socket.alpnProtocol === "string" ? socket.alpnProtocol : undefined,
    serverName: typeof name === "string" ? name : undefined,
    authorized: socket.authorized,
    peerCertificate: certificate !== null && Object.keys(certificate).length > 0 ? certificate : undefined,
    resumed: socket.isSessionReused(),
  };
}
