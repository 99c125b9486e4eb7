// What a connection needs from whatever carries its bytes: a socket, a TLS stream, or memory.
import type { Peer } from "./peer.ts";
import type { TlsInfo } from "./tls-info.ts";
import type { Writable } from "./writable.ts";

/** One end of a byte stream, driven by a {@link Connection}. */
export interface Transport {
  readonly remote: Peer;
  readonly local: Peer;
  /** What the handshake agreed on, `undefined` on a plain connection. */
  readonly tls: TlsInfo | undefined;
  /** Bytes given to {@link send} that the other side, or the kernel in between, has not taken yet. */
  readonly pending: number;
  /** A count of what it has taken so far, also of a large write that is under way. Over TLS encrypted bytes. */
  readonly taken: number;
  /** Starts delivering to the receiver. Called once, before anything else. */
  open(receiver: Receiver): void;
  /** Takes one piece or several, in order. The transport owns the list and what is in it. */
  send(data: Writable): void;
  /** Stops the delivery of bytes, so that the peer's own buffers fill up. */
  pause(): void;
  resume(): void;
  /** Sends the end of the stream once everything pending has been taken. Reading goes on. */
  finish(): void;
  /** Lets go of everything at once. Pending bytes are lost. Idempotent. */
  destroy(): void;
  /** The same, telling the peer that it was cut off where the transport can say so. */
  reset(): void;
}

/** What a transport reports, in this order: any number of bytes and drains, one end at most, exactly one close. */
export interface Receiver {
  /**
   * Bytes arrived. `borrowed` ones are only valid during the call and lie in `memory` from its start; the others belong
   * to the receiver.
   */
  received(memory: Buffer, length: number, borrowed: boolean): void;
  /** The peer sends no more. */
  ended(): void;
  /** {@link Transport.pending} fell after a {@link Transport.send} that was not taken at once. */
  drained(): void;
  /** Everything was taken and the end of the stream was sent. */
  finished(): void;
  /** The transport is gone; nothing follows. */
  closed(error: Error | undefined): void;
}
