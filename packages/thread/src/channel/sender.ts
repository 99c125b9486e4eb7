// The sending end of a channel between threads.

import type { MessagePort, Transferable } from "node:worker_threads";
import { ChannelClosed, InvalidArgumentError, type Op } from "@plait/coroutine";
import { Operation, type Waiter, type WaitKind, WaitList, wakeAll } from "@plait/coroutine/unstable";
import { packThrown } from "../thrown.ts";
import { ByteRing } from "./byte-ring.ts";
import { ChannelCloneError, CUT_OFF } from "./errors.ts";
import { claim } from "./opening.ts";
import type { BytesEnd, ChannelEnd, ToReceiver, ToSender } from "./wire.ts";

/** The sending half of a channel. It owns its port, which keeps the thread's event loop alive, until `close()`. */
export abstract class Sender<T> implements Disposable {
  readonly name: string | undefined;
  protected readonly port: MessagePort;
  /** Waiters parked on a send: what they send has no room yet. */
  readonly waiters: WaitList = new WaitList();
  #closed = false;
  #why: string | undefined;

  constructor(port: MessagePort, name: string | undefined) {
    this.port = port;
    this.name = name;
    port.on("message", (message: ToSender) => {
      if (message.type === "close") this.#end();
      else this.told(message);
      this.#retry();
      wakeAll();
    });
    const onClose = () => {
      if (!this.#closed) this.#why = CUT_OFF;
      this.#end();
      wakeAll();
    };
    port.once("close", onClose);
    // A port that has been closed tells that nobody again, and holds no event loop.
    if (!port.hasRef()) onClose();
  }

  /** Whether nothing can be sent any more: it was closed here or at the other end, or the other end's thread has ended. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Sends a value; waits while the channel is full. First come, first served.
   *
   * @throws {ChannelClosed} when the channel is closed
   * @throws {ChannelCloneError} when the value can't be cloned
   */
  send(value: T): Op<void> {
    return new Send(this, value);
  }

  /** Sends without waiting. Returns whether the value was taken. */
  trySend(value: T): boolean {
    return !this.#closed && this.waiters.empty && this.put(value);
  }

  /**
   * Closes the channel; repeating it changes nothing. What was sent can still be received, then the receiver's
   * iteration ends. Senders that wait fail.
   *
   * @param error what the receiver throws instead, once it has received everything
   */
  close(error?: unknown): void {
    if (this.#closed) return;
    this.post(error === undefined ? { type: "close" } : { type: "close", thrown: packThrown(error) });
    this.#end();
    // The other end closes the port once it has received everything; nothing here waits for that.
    this.port.unref();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  closedError(): ChannelClosed {
    return new ChannelClosed(this.name, this.#why);
  }

  toString(): string {
    return this.name === undefined ? "channel" : `channel ${this.name}`;
  }

  /** Sends a value if there is room; `false`: not now. */
  protected abstract put(value: T): boolean;
  /** The receiver made room. */
  protected abstract told(message: ToSender): void;

  protected post(message: ToReceiver, transfer: readonly Transferable[] = []): void {
    this.port.postMessage(message, [...transfer]);
  }

  #retry(): void {
    for (let waiter = this.waiters.first; waiter !== null; waiter = this.waiters.first) {
      try {
        if (!this.put((waiter.op as Send<T>).item)) return;
      } catch (error) {
        this.waiters.remove(waiter);
        waiter.fail(error);
        continue;
      }
      this.waiters.remove(waiter);
      waiter.resume(undefined);
    }
  }

  #end(): void {
    this.#closed = true;
    for (let waiter = this.waiters.shift(); waiter !== null; waiter = this.waiters.shift()) {
      waiter.fail(this.closedError());
    }
  }
}

class Send<T> extends Operation<void> {
  private readonly sender: Sender<T>;
  readonly item: T;

  constructor(sender: Sender<T>, item: T) {
    super();
    this.sender = sender;
    this.item = item;
  }

  poll(): boolean {
    if (this.sender.closed) throw this.sender.closedError();
    return this.sender.trySend(this.item);
  }

  park(waiter: Waiter): void {
    this.sender.waiters.push(waiter);
  }

  withdraw(waiter: Waiter): boolean {
    this.sender.waiters.remove(waiter);
    return true;
  }

  describe(): string {
    return `send on ${this.sender}`;
  }

  override get kind(): WaitKind {
    return "outside";
  }
}

/** Values by message: the receiver gives credit for as many as it has taken. */
class ValueSender<T> extends Sender<T> {
  readonly #transfer: (value: T) => readonly Transferable[];
  #credit: number;

  constructor({ port, capacity, name }: ChannelEnd, transfer: (value: T) => readonly Transferable[]) {
    super(port, name);
    this.#credit = capacity;
    this.#transfer = transfer;
  }

  protected put(value: T): boolean {
    if (this.#credit === 0) return false;
    try {
      this.post({ type: "value", value }, this.#transfer(value));
    } catch (cause) {
      throw new ChannelCloneError(`${this}`, cause);
    }
    this.#credit--;
    return true;
  }

  protected told(message: ToSender): void {
    if (message.type === "taken") this.#credit += message.count;
  }
}

/** Bytes through shared memory: the receiver is woken when it found nothing. */
class BytesSender extends Sender<Uint8Array> {
  readonly #ring: ByteRing;

  constructor({ port, memory, name }: BytesEnd) {
    super(port, name);
    this.#ring = new ByteRing(memory);
  }

  protected put(bytes: Uint8Array): boolean {
    if (!(bytes instanceof Uint8Array)) throw new InvalidArgumentError(`${this} takes bytes. Give it a Uint8Array.`);
    const { longest } = this.#ring;
    if (bytes.length > longest) {
      throw new InvalidArgumentError(
        `${bytes.length} bytes at once do not fit into ${this}, which takes ${longest}. Send less, or make it larger.`,
      );
    }
    if (!this.#ring.write(bytes)) return false;
    if (this.#ring.readerWaited()) this.post({ type: "written" });
    return true;
  }

  protected told(): void {}
}

/** Options of {@link openSender}. */
export interface SenderOptions<T> {
  /** Names what of a value is moved to the receiver instead of copied, for example `(bytes) => [bytes.buffer]`. */
  readonly transfer?: (value: T) => readonly Transferable[];
}

/**
 * Opens the sending end of a channel of values, in whichever thread it is to be used.
 *
 * @throws {ChannelEndError} when the end is open already, was given to another thread, or is none of these
 * @example
 * const results = openSender<Result>(end);
 * yield* results.send(result);
 * results.close();
 */
export function openSender<T>(end: ChannelEnd, { transfer = () => [] }: SenderOptions<T> = {}): Sender<T> {
  return new ValueSender(claim("openSender", end), transfer);
}

/**
 * Opens the sending end of a channel of bytes. What is sent at once arrives at once, copied.
 *
 * @throws {ChannelEndError} as {@link openSender}
 */
export function openBytesSender(end: BytesEnd): Sender<Uint8Array> {
  return new BytesSender(claim("openBytesSender", end));
}
