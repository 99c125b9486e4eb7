// The state of one connection: what its transport reports, what its owner asked for, and how it came to an end.
//
// open ──close()──▶ closing ──transport gone──▶ closed
//   └──────── lost, reset, deadline ────────────▶┘
//
// 1. The first cause of the end wins and is what `signal` and every later read and write report.
// 2. `closing` lasts until everything written was taken and the peer has ended too, or the linger time is over: closing a
//    descriptor with unread bytes in it makes the kernel send a reset, and the peer may lose what it had not read yet.
// 3. Only the transport's own report leads to `closed`, so the descriptor is gone by then, exactly once.
import { Alarm, now } from "@plait/coroutine/unstable";
import { type DeadlineOwner, Deadlines } from "./deadlines.ts";
import { blame, ConnectionClosedError, ConnectionResetError, endedByBoth, type Failure } from "./errors.ts";
import { Gate } from "./gate.ts";
import { Inbox, type InboxOwner } from "./inbox.ts";
import type { ConnectionSettings } from "./options.ts";
import { Outbox, type OutboxOwner } from "./outbox.ts";
import type { Receiver, Transport } from "./transport.ts";

export type Phase = "open" | "closing" | "closed";

/** Whoever wants to know when a link has let go of its descriptor. */
export interface LinkWatcher {
  linkClosed(): void;
}

export class Link implements Receiver, InboxOwner, OutboxOwner, DeadlineOwner {
  readonly transport: Transport;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly settings: ConnectionSettings;
  #phase: Phase = "open";
  /** Why it is over, `undefined` while it is open. */
  #failure: Failure | undefined;
  #loss: Failure | undefined;
  /** The end of the stream was sent, or never will be. */
  #sent = false;
  #sentGate: Gate | undefined;
  #deadlines: Deadlines | undefined;
  #linger: Linger | undefined;
  #lingerMs = 0;
  #controller: AbortController | undefined;
  /** Told when the transport is gone. */
  watcher: LinkWatcher | undefined;

  constructor(transport: Transport, settings: ConnectionSettings) {
    this.transport = transport;
    this.settings = settings;
    const { timeouts, minReadRate } = settings;
    this.inbox = new Inbox(this);
    this.outbox = new Outbox(this);
    if (Deadlines.needed(timeouts, minReadRate)) this.#deadlines = new Deadlines(this, timeouts, minReadRate);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** What the peer did to end it before everything was sent, `undefined` when it ended in order. */
  get loss(): Error | undefined {
    return this.#loss?.();
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#failure !== undefined) this.#controller.abort(this.#failure());
    }
    return this.#controller.signal;
  }

  /** Ends this side of the stream after what was written. Returns what completes when that was handed over. */
  endWriting(attempted: Failure): Gate {
    this.outbox.flush();
    this.outbox.fail(attempted);
    if (!this.#sent) this.transport.finish();
    this.#sentGate ??= new Gate("the peer to take what was written", this.#sent);
    return this.#sentGate;
  }

  /**
   * @param linger Milliseconds the peer gets to end its side; 0 lets go as soon as everything was taken, and at once when
   * the peer takes nothing.
   */
  close(linger: number = this.settings.timeouts.linger): Gate {
    this.#lingerMs = linger;
    if (this.#phase === "open") {
      this.#over("closing", () => new ConnectionClosedError("go on"));
      this.inbox.fail(() => new ConnectionClosedError("read"));
      // Read on, so that the peer's last bytes are not left in a descriptor that is being closed.
      this.transport.resume();
      if (this.#sent) this.#startLinger();
    }
    const gate = this.endWriting(() => new ConnectionClosedError("write"));
    if (linger === 0 && this.#phase === "closing") {
      if (this.#sent) this.transport.destroy();
      else if (this.transport.pending > 0) this.transport.reset();
    }
    return gate;
  }

  reset(reason: unknown): void {
    if (this.#phase === "closed") return;
    this.#fail(() => new ConnectionClosedError("go on", reason));
    this.transport.reset();
  }

  received(memory: Buffer, length: number, borrowed: boolean): void {
    this.#deadlines?.active();
    if (this.#phase === "open") this.inbox.received(memory, length, borrowed);
  }

  ended(): void {
    this.inbox.end();
  }

  drained(): void {
    if (this.transport.pending === 0) this.#deadlines?.drained();
    this.outbox.drained();
  }

  finished(): void {
    this.#sent = true;
    this.#sentGate?.open();
    if (this.#phase === "closing") this.#startLinger();
  }

  closed(error: Error | undefined): void {
    this.#deadlines?.unset();
    this.#linger?.unset();
    if (error !== undefined) {
      this.#lose(() => new ConnectionResetError(error));
    } else {
      // Both sides ended in order: what has arrived can still be read.
      this.outbox.fail(() => new ConnectionClosedError("write"));
      if (!this.inbox.ended) this.inbox.fail(() => new ConnectionClosedError("read"));
    }
    this.#over("closed", endedByBoth);
    this.#sent = true;
    this.#sentGate?.open();
    this.watcher?.linkClosed();
  }

  expired(failure: Failure): void {
    this.#lose(failure);
    // A peer that takes nothing would not take a regular end either.
    if (this.transport.pending > 0) this.transport.reset();
    else this.transport.destroy();
  }

  inboxFull(): void {
    this.transport.pause();
  }

  inboxDrained(): void {
    this.transport.resume();
  }

  readWaiting(waiting: boolean): void {
    this.#deadlines?.readWaiting(waiting);
  }

  readPartial(): void {
    this.#deadlines?.readPartial();
  }

  flushed(): void {
    const { timeouts, minReadRate } = this.settings;
    const stalled = this.transport.pending > 0;
    if (stalled && timeouts.write !== undefined) this.#deadlines ??= new Deadlines(this, timeouts, minReadRate);
    if (this.#deadlines === undefined) return;
    this.#deadlines.active();
    if (stalled) this.#deadlines.stalled();
  }

  flushFailed(error: unknown): void {
    this.#lose(() => new ConnectionClosedError("go on", error));
    this.transport.reset();
  }

  blame<E>(error: E): E {
    return blame(error, this, this.transport.remote);
  }

  get unread(): number {
    return this.inbox.unread;
  }

  get receivedBytes(): number {
    return this.inbox.total;
  }

  get unsent(): number {
    return this.transport.pending;
  }

  get taken(): number {
    return this.transport.taken;
  }

  #startLinger(): void {
    this.#linger ??= new Linger(this.transport);
    if (this.#lingerMs === 0) this.transport.destroy();
    else this.#linger.set(now() + this.#lingerMs);
  }

  #lose(failure: Failure): void {
    if (!this.#sent || this.#phase === "open") this.#loss ??= failure;
    this.#fail(failure);
  }

  /** Ends everything that waits, now; the transport's own end follows. */
  #fail(failure: Failure): void {
    const blaming = () => this.blame(failure());
    this.inbox.fail(blaming);
    this.outbox.fail(blaming);
    if (this.#phase === "open") this.#over("closing", blaming);
  }

  #over(phase: Phase, failure: Failure): void {
    this.#phase = phase;
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#controller?.abort(failure());
  }
}

/** Lets go of the descriptor when the peer does not end its side in time. */
class Linger extends Alarm {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    super();
    this.#transport = transport;
  }

  protected override fired(): void {
    this.#transport.destroy();
  }
}
