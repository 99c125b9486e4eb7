// One connection, as a coroutine sees it: operations that read, write and close.
import type { Op } from "@plait/coroutine";
import { DEFAULT_MAX_FRAME } from "./codec.ts";
import type { LineEncoding } from "./codecs/lines.ts";
import { ConnectionClosedError } from "./errors.ts";
import type { Link } from "./link.ts";
import { WriteOperation } from "./outbox.ts";
import { formatPeer, type Peer } from "./peer.ts";
import type { ProxyHeader } from "./proxy/header.ts";
import { ReadExactly, ReadLine, ReadSome, ReadUntil } from "./reading.ts";
import type { TlsInfo } from "./tls-info.ts";
import { checkWritable, type Writable } from "./writable.ts";

/** Longest line and delimited block read when no `max` is given. */
const DEFAULT_MAX = 64 * 1024;

/** Options of {@link Connection.readLine}. */
export interface ReadLineOptions {
  /** Most bytes in the line. Default 65,536. */
  readonly max?: number;
  /** Default "utf8". */
  readonly encoding?: LineEncoding;
}

/** Options of {@link Connection.readUntil}. */
export interface ReadUntilOptions {
  /** Most bytes before the delimiter. Default 65,536. */
  readonly max?: number;
  /** Whether the result ends with the delimiter. Default false. */
  readonly keep?: boolean;
}

/** Options of {@link Connection.readExactly}. */
export interface ReadExactlyOptions {
  /** Most bytes to wait for, whatever count a peer has sent. Default 1 MiB. */
  readonly max?: number;
}

/** Opens a connection over a link; for the rest of this package. */
export let openConnection: (id: string, link: Link, proxy?: ProxyHeader) => Connection;
/** The mechanism behind a connection; for the rest of this package. */
export let linkOf: (connection: Connection) => Link;
/** Sets {@link Connection.draining}; for the rest of this package. */
export let askToEnd: (connection: Connection) => void;

/**
 * A stream of bytes in both directions. Every operation works with `yield*` and with `await`.
 *
 * It owns the socket. `close` releases it after everything written has been sent, `reset` at once; in a service the end
 * of the handler closes it. One coroutine reads at a time, any number may write.
 *
 * Errors: reads and writes throw {@link ConnectionResetError} when the peer is gone, {@link ConnectionTimeoutError} or
 * {@link SlowPeerError} when a deadline ended the connection, and {@link ConnectionClosedError} after `close`. A size that
 * makes no sense is a RangeError where it is given.
 *
 * @example
 * function* echo(conn: Connection): Co<void> {
 *   for (let chunk = yield* conn.read(); chunk !== null; chunk = yield* conn.read()) yield* conn.write(chunk);
 * }
 */
export class Connection implements AsyncIterable<Buffer>, AsyncDisposable {
  /** In a service `p2.t1.c914`: unique in the topology. */
  readonly id: string;
  /** What the PROXY header said, `undefined` when none came. */
  readonly proxy: ProxyHeader | undefined;
  readonly #link: Link;
  readonly #readSome: ReadSome;
  #readLine: ReadLine | undefined;
  #draining = false;

  private constructor(id: string, link: Link, proxy: ProxyHeader | undefined) {
    this.id = id;
    this.proxy = proxy;
    this.#link = link;
    this.#readSome = new ReadSome(link.inbox, id);
    link.transport.open(link);
  }

  static {
    openConnection = (id, link, proxy) => new Connection(id, link, proxy);
    linkOf = (connection) => connection.#link;
    askToEnd = (connection) => {
      connection.#draining = true;
    };
  }

  /** The other end. Behind a proxy that sent a PROXY header, the client as the proxy saw it. */
  get remote(): Peer {
    return this.proxy?.source ?? this.#link.transport.remote;
  }

  /** This end. Behind a proxy that sent a PROXY header, the address the client connected to. */
  get local(): Peer {
    return this.proxy?.destination ?? this.#link.transport.local;
  }

  /** What the TLS handshake agreed on, `undefined` on a plain connection. */
  get tls(): TlsInfo | undefined {
    return this.#link.transport.tls;
  }

  /**
   * Whether it is over: closed on this side, reset, lost, timed out, or ended by both sides. After both have ended, what had
   * arrived can still be read.
   */
  get closed(): boolean {
    return this.#link.phase !== "open";
  }

  /** Whether the service is stopping: finish what is in flight, say goodbye, return. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Aborted when the connection is over; its reason is the error that says why. Created on first access. */
  get signal(): AbortSignal {
    return this.#link.signal;
  }

  /** Bytes received so far, read or not. */
  get bytesIn(): number {
    return this.#link.inbox.total;
  }

  /** Bytes written so far, sent or not. A string counts its characters. */
  get bytesOut(): number {
    return this.#link.outbox.total;
  }

  /** Bytes written that wait for the peer. A string counts its characters. */
  get unsent(): number {
    return this.#link.outbox.pending;
  }

  /**
   * Waits for the next bytes, however many there are; `null` after the last. The bytes are the caller's to keep.
   *
   * @param options.max Most bytes to return. Default: all of the chunk that is next.
   */
  read(options?: { readonly max?: number }): Op<Buffer | null> {
    return options?.max === undefined ? this.#readSome : new ReadSome(this.#link.inbox, this.id, options.max);
  }

  /**
   * Waits for a line and returns it without its end (`\n` or `\r\n`); `null` after the last.
   *
   * @throws {FrameTooLargeError} A line is longer than `max`. Nothing was taken, and the connection is open: answer, then return.
   * @throws {UnexpectedEndError} The peer ended in the middle of a line.
   */
  readLine(options?: ReadLineOptions): Op<string | null> {
    if (options !== undefined) return this.#newReadLine(options);
    this.#readLine ??= this.#newReadLine({});
    return this.#readLine;
  }

  /**
   * Waits for a delimiter and returns what came before it; `null` when the peer has ended and nothing is left.
   *
   * @throws {FrameTooLargeError} There is more than `max` before the delimiter. As with {@link readLine}.
   * @throws {UnexpectedEndError} The peer ended before the delimiter.
   */
  readUntil(delimiter: string | number | Uint8Array, options: ReadUntilOptions = {}): Op<Buffer | null> {
    const sought = typeof delimiter === "string" ? Buffer.from(delimiter) : delimiter;
    return new ReadUntil(this.#link.inbox, this.id, sought, options.max ?? DEFAULT_MAX, options.keep ?? false);
  }

  /**
   * Waits for exactly so many bytes.
   *
   * @throws {FrameTooLargeError} They are more than `max`. Nothing was read.
   * @throws {UnexpectedEndError} The peer ended before.
   */
  readExactly(count: number, options?: ReadExactlyOptions): Op<Buffer> {
    return new ReadExactly(this.#link.inbox, this.id, count, options?.max ?? DEFAULT_MAX_FRAME, false);
  }

  /** Waits for exactly so many bytes and leaves them to be read. Throws like {@link readExactly}. */
  peek(count: number, options?: ReadExactlyOptions): Op<Buffer> {
    return new ReadExactly(this.#link.inbox, this.id, count, options?.max ?? DEFAULT_MAX_FRAME, true);
  }

  /** Puts bytes back, to be read next. They must not be changed afterwards. */
  unread(bytes: Uint8Array): void {
    const { inbox } = this.#link;
    inbox.checkOpen();
    inbox.queue.unread(bytes);
    inbox.settle();
  }

  /** Reads to the end of the stream: `for await (const chunk of conn)`. Leaving the loop leaves the connection open. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    for (let chunk = await this.read(); chunk !== null; chunk = await this.read()) yield chunk;
  }

  /**
   * Sends data in order. Waits while the high-water mark is reached, then until no more than the low one waits for the
   * peer. What is written in one turn leaves in one system call at its end. Bytes are taken as they are, not copied:
   * don't change them afterwards. Cancelled while it waits, it has sent nothing.
   *
   * @throws {NotWritableError} At once: this is no text and no bytes.
   */
  write(data: Writable): Op<void> {
    return new WriteOperation(this.#link.outbox, data);
  }

  /** Sends data if that needs no waiting; otherwise sends nothing and returns false. Throws like {@link write}. */
  tryWrite(data: Writable): boolean {
    checkWritable(data);
    return this.#link.outbox.offer(data);
  }

  /**
   * Holds back what is written until the returned object is disposed, also across turns, so that it leaves together. What
   * was written before leaves at once. So does what is held back when it comes to 64 KiB, when a write waits for room, and
   * when this side ends.
   *
   * @example
   * using _ = conn.cork();
   * yield* conn.write(head);
   * yield* conn.write(yield* renderBody());
   */
  cork(): Disposable {
    const { outbox } = this.#link;
    outbox.cork();
    let corked = true;
    return {
      [Symbol.dispose]() {
        if (corked) outbox.uncork();
        corked = false;
      },
    };
  }

  /**
   * Ends this side of the stream after what was written; reading goes on. The request is immediate; waiting on it waits
   * until everything has been handed over or the connection is lost, and never throws.
   */
  closeWrite(): Op<void> {
    return this.#link.endWriting(() => new ConnectionClosedError("write"));
  }

  /**
   * Ends the connection after what was written. The request is immediate; waiting on it waits until everything has been
   * handed over or the connection is lost, and never throws. What the peer still sends is dropped, until it ends or for
   * `timeouts.linger`.
   */
  close(): Op<void> {
    return this.#link.close();
  }

  /** Cuts the connection off: what was not sent is lost, and the peer sees a reset. Idempotent. */
  reset(reason?: unknown): void {
    this.#link.reset(reason);
  }

  /** The same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** "p1.t2.c7 from 127.0.0.1:4100" */
  toString(): string {
    return `${this.id} from ${formatPeer(this.remote)}`;
  }

  #newReadLine(options: ReadLineOptions): ReadLine {
    return new ReadLine(this.#link.inbox, this.id, options.max ?? DEFAULT_MAX, options.encoding ?? "utf8");
  }
}
