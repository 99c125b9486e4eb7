// The receiving end of a channel between threads: an ordinary channel whose values come from a port or a ring, one at a
// time, so that what has not been received still counts against the sender.
import type { MessagePort } from "node:worker_threads";
import { Channel } from "@plait/coroutine";
import { wakeAll } from "@plait/coroutine/unstable";
import { unpackThrown } from "../thrown.ts";
import { ByteRing } from "./byte-ring.ts";
import { ChannelBrokenError, ChannelCloneError } from "./errors.ts";
import { claim } from "./opening.ts";
import type { BytesEnd, ChannelEnd, ToReceiver, ToSender } from "./wire.ts";

/**
 * The receiving half of a channel. It owns its port, which keeps the thread's event loop alive, until it is closed, here
 * or by its sender and empty.
 */
export type Receiver<T> = Pick<
  Channel<T>,
  "recv" | "next" | "tryRecv" | "close" | "closed" | "name" | typeof Symbol.asyncIterator | typeof Symbol.dispose
>;

/** Where values wait until somebody receives them. */
interface Source<T> {
  readonly ready: boolean;
  /** Takes the first value of a source that is ready. */
  take(): T;
  arrived(message: ToReceiver): void;
}

class Inbound<T> extends Channel<T> {
  readonly #port: MessagePort;
  readonly #source: Source<T>;
  /** The sender is through: closed once everything has been received. */
  #ending: { readonly error?: unknown } | undefined;

  /** @param ended settles with how the sender's thread ended, for a channel that it broke by that */
  constructor(port: MessagePort, name: string | undefined, source: Source<T>, ended?: Promise<Error>) {
    super(0, name === undefined ? {} : { name });
    this.#port = port;
    this.#source = source;
    port.on("message", (message: ToReceiver) => {
      if (message.type !== "close") source.arrived(message);
      else this.#ending = message.thrown === undefined ? {} : { error: unpackThrown(message.thrown) };
      this.#hand();
    });
    port.on("messageerror", (error) => {
      this.#ending = { error: new ChannelCloneError(`${this}`, error) };
      this.#hand();
    });
    const onClose = async () => {
      const cause = this.closed || this.#ending ? undefined : await ended;
      this.#ending ??= { error: new ChannelBrokenError(name, cause) };
      this.#hand();
    };
    port.once("close", onClose);
    // A port that has been closed tells that nobody again, and holds no event loop.
    if (!port.hasRef()) void onClose();
    // A ring may have been written to before this end was opened.
    this.#hand();
  }

  override get ready(): boolean {
    return super.ready || this.#source.ready;
  }

  override take(): T {
    if (super.ready) return super.take();
    const value = this.#source.take();
    this.#endIfEmpty();
    return value;
  }

  override close(error?: unknown): void {
    if (this.closed) return;
    super.close(error);
    this.#port.postMessage({ type: "close" } satisfies ToSender);
    this.#port.close();
  }

  #hand(): void {
    while (!this.receivers.empty && this.#source.ready) this.trySend(this.#source.take());
    this.#endIfEmpty();
    wakeAll();
  }

  #endIfEmpty(): void {
    if (this.#ending !== undefined && !this.#source.ready) this.close(this.#ending.error);
  }
}

/** What has one reader: leaving its iteration closes it. */
class Stream<T> extends Inbound<T> {
  override [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    const items = super[Symbol.asyncIterator]();
    return {
      next: () => items.next(),
      return: async () => {
        this.close();
        return { done: true, value: undefined };
      },
    };
  }
}

/** Values that came by message; the sender is given credit for half of the capacity at a time. */
class ValueSource<T> implements Source<T> {
  readonly #port: MessagePort;
  readonly #half: number;
  readonly #values: T[] = [];
  #taken = 0;

  constructor(port: MessagePort, capacity: number) {
    this.#port = port;
    this.#half = Math.ceil(capacity / 2);
  }

  get ready(): boolean {
    return this.#values.length > 0;
  }

  take(): T {
    if (++this.#taken === this.#half) {
      this.#port.postMessage({ type: "taken", count: this.#taken } satisfies ToSender);
      this.#taken = 0;
    }
    return this.#values.shift() as T;
  }

  arrived(message: ToReceiver): void {
    if (message.type === "value") this.#values.push(message.value as T);
  }
}

/** Bytes in shared memory; the sender is woken when it found no room. */
class BytesSource implements Source<Uint8Array<ArrayBuffer>> {
  readonly #port: MessagePort;
  readonly #ring: ByteRing;
  #next: Uint8Array<ArrayBuffer> | undefined;

  constructor(port: MessagePort, memory: SharedArrayBuffer) {
    this.#port = port;
    this.#ring = new ByteRing(memory);
  }

  get ready(): boolean {
    this.#next ??= this.#ring.read();
    return this.#next !== undefined;
  }

  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.ready ? this.#next : undefined;
    this.#next = undefined;
    if (this.#ring.writerWaited()) this.#port.postMessage({ type: "room" } satisfies ToSender);
    return bytes as Uint8Array<ArrayBuffer>;
  }

  arrived(): void {}
}

/**
 * Opens the receiving end of a channel of values, in whichever thread it is to be used. It is received from, selected on
 * and iterated over like any other channel.
 *
 * What `recv` throws at the end is `ChannelClosed`, or the error that the sender closed with, or `ChannelBrokenError`
 * when the sender's thread ended.
 *
 * @throws {ChannelEndError} when the end is open already, was given to another thread, or is none of these
 * @example
 * const jobs = openReceiver<Job>(end);
 * for await (const job of jobs) await work(job);
 */
export function openReceiver<T>(end: ChannelEnd): Receiver<T> {
  const { port, capacity, name } = claim("openReceiver", end);
  return new Inbound<T>(port, name, new ValueSource<T>(port, capacity));
}

/**
 * The same for a stream that is this reader's alone: leaving a `for await` over it closes it.
 *
 * @param ended settles with how the sender's thread ended, once it has
 */
export function openStream<T>(end: ChannelEnd, ended: Promise<Error>): Receiver<T> {
  const { port, capacity, name } = claim("openReceiver", end);
  return new Stream<T>(port, name, new ValueSource<T>(port, capacity), ended);
}

/**
 * Opens the receiving end of a channel of bytes.
 *
 * @throws {ChannelEndError} as {@link openReceiver}
 */
export function openBytesReceiver(end: BytesEnd): Receiver<Uint8Array<ArrayBuffer>> {
  const { port, memory, name } = claim("openBytesReceiver", end);
  return new Inbound(port, name, new BytesSource(port, memory));
}
