// An operating system's socket, read into memory of our choice: what a net.Socket is to its handle, and nothing else.
//
// 1. Node's code for sockets finds whose a handle is under a symbol on it, calls a few methods there, and keeps a few fields.
//    Ours has them: a net.Socket made once, the model, is the prototype of all. So Node reads, writes and ends for us as it
//    does for its own, in every release, and no socket needs a Readable's and a Writable's state, nor their events: most of
//    what an idle net.Socket takes.
// 2. The undocumented parts it rests on: the constructor options `handle` and `manualStart`, `this` in an `onread` callback, the
//    symbol, a handle's `onread`, `_handle`, `_read`, `_write`, `_writev`, `_final`, a handle's methods, that reads end with
//    `push` and `read` and fail with `destroy`, and that a write calls back at once when the kernel took everything.
//    test/adopted-socket.test.ts fails when a release changes one of them.
import { Socket, type SocketConstructorOpts } from "node:net";
import type { Handle } from "./node-socket.ts";
import { nextMemory, type Reader, releaseRegion, shared } from "./slab.ts";
import type { Writable } from "./writable.ts";

/** What a handle of the system's has. */
interface SystemHandle extends Handle {
  /** Whether it is read: kept by whoever starts and stops that. */
  reading: boolean;
  readStop(): void;
  /** Reads into this memory, until a read returns another. */
  useUserBuffer(memory: Buffer): void;
  close(closed: (this: object) => void): void;
  /** The same with a reset, of TCP's; returns anything but 0 when that is refused. */
  reset(closed: (this: object) => void): number;
}

/** Called once: with an error, or when it is done. */
type Done = (error?: Error | null) => void;

/** The undocumented half of a net.Socket that ours inherits. */
interface Inherited {
  _handle: SystemHandle | null;
  _read(size: number): void;
  _write(data: string | Uint8Array, encoding: string, done: Done): void;
  _writev(pieces: readonly { chunk: string | Uint8Array; encoding: string }[], done: Done): void;
  _final(done: Done): void;
}

/** Where the next read goes, if not to where the last one did: from `callback` to `buffer`, which are called back to back. */
let elsewhere: Buffer | undefined = shared;

/** One for all sockets: a closure for each would cost more than the rest of a read. */
const onread = {
  buffer(): Buffer | undefined {
    const memory = elsewhere;
    elsewhere = undefined;
    return memory;
  },
  callback(this: AdoptedSocket, length: number, memory: Buffer): boolean {
    this.bytesArrived(memory, length);
    return true;
  },
};

/** The model, the symbol under which a handle has its socket, and Node's function for what a handle reads. */
const { model, owner, onHandleRead } = makeModel();

function makeModel() {
  const handle: { onread?: unknown; useUserBuffer(): void } = { useUserBuffer() {} };
  const made = new Socket({ handle, onread, manualStart: true } as unknown as SocketConstructorOpts);
  const symbol = Object.getOwnPropertySymbols(handle).find((key) => Reflect.get(handle, key) === made);
  // Node ends the process when a handle reads and has no such function.
  if (symbol === undefined || typeof handle.onread !== "function")
    throw new Error("This release of Node does not tie a handle to its socket in the way that @plait/net knows.");
  return { model: made, owner: symbol, onHandleRead: handle.onread };
}

/** A socket that reads into the thread's slab and reports to its subclass. */
export abstract class AdoptedSocket implements Reader {
  static {
    Object.setPrototypeOf(AdoptedSocket.prototype, model);
  }

  declare readonly localAddress?: string;
  declare readonly localPort?: number;
  declare readonly localFamily?: string;

  destroyed = false;
  ownsRegion = false;
  /** Bytes given to {@link transmit} that the kernel has not taken. A string counts its characters. */
  unsent = 0;
  #ended = false;
  #finished = false;
  #failure: Error | undefined;

  /** Owns the descriptor from now on; starts to read it. */
  constructor(handle: Handle) {
    const own = handle as SystemHandle;
    this.#inherited._handle = own;
    Object.assign(own, { [owner]: this, onread: onHandleRead });
    own.useUserBuffer(shared);
    this.resume();
  }

  /** `borrowed` memory is only valid during the call. */
  protected abstract onBytes(memory: Buffer, length: number, borrowed: boolean): void;
  protected abstract onEnd(): void;
  /** The kernel took what it had not taken at once. */
  protected abstract onTaken(): void;
  /** The end of the stream was sent. */
  protected abstract onFinish(): void;
  /** The descriptor is gone. */
  protected abstract onClose(error: Error | undefined): void;

  /** Stops reading, so that the kernel's buffer fills up. */
  pause(): void {
    const handle = this.#inherited._handle;
    if (!handle?.reading) return;
    handle.reading = false;
    handle.readStop();
  }

  resume(): void {
    if (!this.destroyed) this.#inherited._read(0);
  }

  /** Writes in order. libuv keeps what the kernel does not take, and sends the end of the stream after it. */
  transmit(data: Writable): void {
    if (this.destroyed) return;
    const length = lengthOf(data);
    this.unsent += length;
    let atOnce = true;
    const written: Done = (error) => {
      this.unsent -= length;
      if (this.destroyed) return;
      if (error) this.destroy(error);
      else if (!atOnce) this.onTaken();
    };
    if (typeof data === "string") this.#inherited._write(data, "utf8", written);
    // Not an encoding: what Writable says for bytes.
    else if (data instanceof Uint8Array) this.#inherited._write(data, "buffer", written);
    else this.#inherited._writev(data.map(withEncoding), written);
    atOnce = false;
  }

  /** Sends the end of the stream after everything that was written. Called once. */
  end(): void {
    if (this.destroyed) return;
    let atOnce = true;
    this.#inherited._final((error) => {
      if (error) this.destroy(error);
      // The peer is gone: who has just asked for the end must not hear of it before that call returns.
      else if (atOnce) process.nextTick(() => this.#finish());
      else this.#finish();
    });
    atOnce = false;
  }

  /** Bytes the kernel has taken, without those that wait for it. */
  get taken(): number {
    const handle = this.#inherited._handle;
    return handle === null ? 0 : handle.bytesWritten - (handle.writeQueueSize ?? 0);
  }

  /** Closes the descriptor. What waits to be sent is lost. Idempotent; Node calls it too, when a read fails. */
  destroy(error?: Error): void {
    this.#letGo(error)?.close(closed);
  }

  /** The same with a reset. TCP only. */
  resetNow(): void {
    const handle = this.#letGo(undefined);
    if (handle !== null && handle.reset(closed) !== 0) handle.close(closed);
  }

  /** For the `onread` callback only. */
  bytesArrived(memory: Buffer, length: number): void {
    const borrowed = !this.ownsRegion;
    const next = nextMemory(this, memory, length);
    this.onBytes(memory, length, borrowed);
    // Set it last: what is reported may read other sockets.
    if (next !== memory) elsewhere = next;
  }

  /** For Node only, which calls it when the peer has ended. */
  push(): void {
    if (this.#ended || this.destroyed) return;
    this.#ended = true;
    this.onEnd();
    if (this.#finished) this.destroy();
  }

  /** For Node only: has a Readable report the end. */
  read(): void {}

  /** Node notes on every write that nothing waits for a connect: two fields that no socket of ours needs. */
  set _pendingData(_none: unknown) {}
  set _pendingEncoding(_none: unknown) {}

  /** For the handle only. */
  handleClosed(): void {
    releaseRegion(this);
    this.onClose(this.#failure);
  }

  #finish(): void {
    if (this.destroyed) return;
    this.#finished = true;
    this.onFinish();
    if (this.#ended) this.destroy();
  }

  /** The handle, for it to be closed; `null` if it is already. */
  #letGo(error: Error | undefined): SystemHandle | null {
    const handle = this.#inherited._handle;
    if (this.destroyed) return null;
    this.destroyed = true;
    this.#failure = error;
    this.#inherited._handle = null;
    return handle;
  }

  get #inherited(): Inherited {
    return this as unknown as Inherited;
  }
}

/** One for all handles: it finds the socket. */
function closed(this: object): void {
  (Reflect.get(this, owner) as AdoptedSocket).handleClosed();
}

function lengthOf(data: Writable): number {
  return Array.isArray(data) ? data.reduce((sum, piece) => sum + piece.length, 0) : data.length;
}

function withEncoding(chunk: string | Uint8Array): { chunk: string | Uint8Array; encoding: BufferEncoding } {
  return { chunk, encoding: "utf8" };
}
