// Looking into a net.Socket that somebody else drives, and taking the descriptor out of it.
//
// With adopted-socket.ts the only file that touches undocumented parts of Node: `_handle`, `_parent`, `_server` with its
// `_connections` and `_emitCloseIfDrained`, a server's `_handle` with its `onconnection`, the constructor options `handle` and
// `pauseOnCreate`, that `readableFlowing` can be set, and what `_readableState` says of the end. test/adopted-socket.test.ts
// fails when a release changes one of them.
import { type Server, Socket, type SocketConstructorOpts } from "node:net";

/** What a net.Socket reads from and writes to. */
export interface Handle {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Of all but a stream that is no socket. */
  readonly writeQueueSize?: number;
  /** These three have TCP's only. Names the peer in an object; returns anything but 0 when it can't. */
  getpeername?(out: object): number;
  setNoDelay?(noDelay: boolean): void;
  setKeepAlive?(enable: boolean, seconds: number): void;
}

/** What a net.Server accepts from. */
interface ListeningHandle {
  onconnection: (this: ListeningHandle, error: number | undefined, accepted: Handle | undefined) => void;
}

/** The undocumented half of a net.Socket. */
interface Undocumented {
  _handle: (Handle & { /** Of a TLS socket's: that of the descriptor. */ readonly _parent?: Handle }) | null;
  /** Of a TLS socket: the one that it was made over. */
  readonly _parent?: Socket;
  readableFlowing: boolean | null;
  readonly _readableState: { readonly ended: boolean };
  /** The server that accepted it, which counts it. */
  readonly _server?: { _connections: number; _emitCloseIfDrained(): void } | null;
}

/** What has passed a descriptor so far, in bytes. */
export interface Traffic {
  readonly received: number;
  /** The kernel has taken these, for the peer. */
  readonly taken: number;
  /** These were written and wait for the kernel. */
  readonly waiting: number;
}

/**
 * The traffic of a socket that somebody else drives; nothing once it is gone. With TLS on it these are encrypted bytes: what
 * a TLS socket counts itself stands still until all of a chunk is gone.
 */
export function trafficOf(socket: Socket): Traffic {
  const handle = (socket as unknown as Undocumented)._handle;
  if (handle === null) return { received: 0, taken: 0, waiting: 0 };
  const { bytesRead, bytesWritten, writeQueueSize = 0 } = handle._parent ?? handle;
  return { received: bytesRead, taken: bytesWritten - writeQueueSize, waiting: writeQueueSize };
}

/** The socket that a TLS socket was made over; any other is its own. */
export function socketUnder(socket: Socket): Socket {
  return (socket as unknown as Undocumented)._parent ?? socket;
}

/** A socket's descriptor, and what the socket had already read. */
export interface Taken {
  readonly handle: Handle;
  readonly alreadyRead: Buffer | undefined;
}

/**
 * Takes the descriptor out of a socket, for an {@link AdoptedSocket}. The given socket is an empty shell then, and its
 * server counts one connection less.
 *
 * @returns `undefined` when the socket has no descriptor any more: the peer was faster.
 */
export function takeHandle(socket: Socket): Taken | undefined {
  const holder = socket as unknown as Undocumented;
  const handle = holder._handle;
  if (handle === null || socket.destroyed) return undefined;
  const alreadyRead: Buffer | null = socket.readableLength > 0 ? socket.read() : null;
  holder._handle = null;
  // What is left owns nothing. `destroy` would have its two streams end in later ticks, which costs 1.1 KB of garbage.
  const server = holder._server;
  if (server) {
    server._connections--;
    server._emitCloseIfDrained();
  }
  return { handle, alreadyRead: alreadyRead ?? undefined };
}

/**
 * Puts back what was read from a socket, the end of the stream included: who reads next sees everything. The given
 * socket must not be used any more.
 *
 * @returns The same socket, or, when the end had been read, another one for its descriptor, as if just accepted with
 * `pauseOnConnect`: the kernel reports the end to it again.
 */
export function putBack(socket: Socket, bytes: Buffer): Socket {
  const holder = socket as unknown as Undocumented;
  const handle = holder._handle;
  if (handle === null || socket.destroyed) return socket;
  if (!holder._readableState.ended) {
    if (bytes.length > 0) socket.unshift(bytes);
    return socket;
  }
  holder._handle = null;
  socket.destroy();
  const again = socketOver(handle);
  if (bytes.length > 0) again.unshift(bytes);
  return again;
}

/** A socket for a descriptor, as if just accepted with `pauseOnConnect`. */
export function socketOver(handle: Handle): Socket {
  return new Socket({ handle, allowHalfOpen: true, pauseOnCreate: true } as unknown as SocketConstructorOpts);
}

/** Has a server that listens give the descriptors that it accepts to a function, and makes no socket of them. */
export function acceptHandles(server: Server, accepted: (handle: Handle) => void): void {
  const listening = (server as unknown as { _handle: ListeningHandle })._handle;
  const { onconnection } = listening;
  listening.onconnection = function (error, handle) {
    if (error || handle === undefined) onconnection.call(this, error, handle);
    else accepted(handle);
  };
}

/**
 * Gives a socket that was accepted with `pauseOnConnect` back the state of one that was not: it flows once somebody
 * listens for `"data"`. `resume()` would make it flow at once, and what comes before the listener would be lost.
 */
export function unpause(socket: Socket): void {
  if (socket.readableFlowing !== false) return;
  (socket as unknown as Undocumented).readableFlowing = null;
  socket.read(0);
}
