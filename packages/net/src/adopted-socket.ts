// Takes the operating system's socket out of a net.Socket and reads it into memory of our choice.
//
// The only file that touches undocumented parts of Node: `_handle`, `_parent`, the constructor options `handle` and `pauseOnCreate`,
// `this` in an `onread` callback, `resetAndClosing`, that `readableFlowing` can be set, what `_readableState` says of the
// end, and that a Socket's `_write` calls back at once when the kernel took everything. test/adopted-socket.test.ts fails
// when a release changes one of them.
import { Socket, type SocketConstructorOpts } from "node:net";
import { nextMemory, type Reader, releaseRegion, shared } from "./slab.ts";
import type { Writable } from "./writable.ts";

/** Whoever drives an {@link AdoptedSocket}. */
export interface SocketListener {
  /** `borrowed` memory is only valid during the call. */
  onBytes(memory: Buffer, length: number, borrowed: boolean): void;
  onEnd(): void;
  /** The kernel took what it had not taken at once. */
  onTaken(): void;
  onFinish(): void;
  onClose(error: Error | undefined): void;
}

/** What a net.Socket reads from and writes to. */
interface Handle {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Of all but a stream that is no socket. */
  readonly writeQueueSize?: number;
  /** Of a TLS socket's: that of the descriptor. */
  readonly _parent?: Handle;
}

/** The undocumented half of a net.Socket. */
interface Undocumented {
  _handle: Handle | null;
  /** Of a TLS socket: the one that it was made over. */
  readonly _parent?: Socket;
  resetAndClosing: boolean;
  readableFlowing: boolean | null;
  readonly _readableState: { readonly ended: boolean };
}

/** Where the socket that was just read reads to next: from `callback` to `buffer`, which are called back to back. */
let upcoming: Buffer | undefined;

/** One for all sockets: a closure for each would cost more than the rest of a read. */
const onread = {
  buffer(): Buffer {
    const memory = upcoming ?? shared;
    upcoming = undefined;
    return memory;
  },
  callback(this: AdoptedSocket, length: number, memory: Buffer): boolean {
    const borrowed = !this.ownsRegion;
    const next = nextMemory(this, memory, length);
    this.listener?.onBytes(memory, length, borrowed);
    // Set it last: the listener may make new sockets, which ask `buffer` for their first memory.
    upcoming = next;
    return true;
  },
};

/** A net.Socket that reads into the thread's slab and reports to one listener, set in the turn it was made. */
export class AdoptedSocket extends Socket implements Reader {
  listener: SocketListener | undefined;
  ownsRegion = false;
  failure: Error | undefined;
  /** Bytes given to {@link transmit} that the kernel has not taken. A string counts its characters. */
  unsent = 0;

  constructor(handle: object) {
    super({ handle, allowHalfOpen: true, onread } as unknown as SocketConstructorOpts);
    // Node's own listener does nothing to a socket that may be half open, and a list of two takes 100 bytes of every one.
    for (const own of this.listeners("end")) this.removeListener("end", own as () => void);
    this.on("end", onEnd).on("finish", onFinish).on("error", onError).on("close", onClose);
  }

  /**
   * Writes without Writable's queue and states in between, which cost more than ours: libuv keeps what the kernel does not
   * take, in order, and sends the end of the stream after it. Only for who writes with nothing else.
   */
  transmit(data: Writable): void {
    if (this.destroyed) return;
    const length = lengthOf(data);
    this.unsent += length;
    let atOnce = true;
    const written = (error?: Error | null): void => {
      this.unsent -= length;
      if (this.destroyed) return;
      if (error) this.destroy(error);
      else if (!atOnce) this.listener?.onTaken();
    };
    if (typeof data === "string") this._write(data, "utf8", written);
    // Not an encoding: what Writable says for bytes.
    else if (data instanceof Uint8Array) this._write(data, "buffer" as BufferEncoding, written);
    else this._writev?.(data.map(withEncoding), written);
    atOnce = false;
  }

  /** Bytes the kernel has taken; unlike `bytesWritten` it does not count those that wait for it. */
  get taken(): number {
    const handle = (this as unknown as Undocumented)._handle;
    return handle === null ? 0 : handle.bytesWritten - (handle.writeQueueSize ?? 0);
  }

  /** Closes with a reset, and unlike `resetAndDestroy` without waiting until everything was sent. TCP only. */
  resetNow(): void {
    if (this.destroyed) return;
    (this as unknown as Undocumented).resetAndClosing = true;
    this.destroy();
  }
}

function lengthOf(data: Writable): number {
  return Array.isArray(data) ? data.reduce((sum, piece) => sum + piece.length, 0) : data.length;
}

function withEncoding(chunk: string | Uint8Array): { chunk: string | Uint8Array; encoding: BufferEncoding } {
  return { chunk, encoding: "utf8" };
}

function onEnd(this: AdoptedSocket): void {
  this.listener?.onEnd();
}

function onFinish(this: AdoptedSocket): void {
  this.listener?.onFinish();
}

function onError(this: AdoptedSocket, error: Error): void {
  this.failure = error;
}

function onClose(this: AdoptedSocket): void {
  releaseRegion(this);
  this.listener?.onClose(this.failure);
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

/** A socket's descriptor in a new wrapper, and what the old wrapper had already read. */
export interface Adoption {
  readonly socket: AdoptedSocket;
  readonly alreadyRead: Buffer | undefined;
}

/**
 * Moves a socket's descriptor into an {@link AdoptedSocket}. The given socket is destroyed, its server counts one
 * connection less, and nobody else may use it.
 *
 * @returns `undefined` when the socket has no descriptor any more: the peer was faster.
 */
export function adopt(socket: Socket): Adoption | undefined {
  const holder = socket as unknown as Undocumented;
  const handle = holder._handle;
  if (handle === null || socket.destroyed) return undefined;
  const alreadyRead: Buffer | null = socket.readableLength > 0 ? socket.read() : null;
  // Take the handle out before destroying the wrapper: it closes what it holds.
  holder._handle = null;
  socket.destroy();
  return { socket: new AdoptedSocket(handle), alreadyRead: alreadyRead ?? undefined };
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
  const again = new Socket({ handle, allowHalfOpen: true, pauseOnCreate: true } as unknown as SocketConstructorOpts);
  if (bytes.length > 0) again.unshift(bytes);
  return again;
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
