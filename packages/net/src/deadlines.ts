// The deadlines of one connection, behind one entry in the scheduler's timers.
//
// Activity only stamps a time. The entry stays in the heap until it fires; then the deadlines are looked at, and it is
// set again for the earliest that is left. So a busy connection costs a clock reading per event, not a timer.
import { Alarm, now } from "@plait/coroutine/unstable";
import { ConnectionTimeoutError, type Failure, SlowPeerError } from "./errors.ts";
import type { MinReadRate, Timeouts } from "./options.ts";

/** What deadlines look at, and whom they tell. */
export interface DeadlineOwner {
  /** Bytes received since the connection opened, and how many of them nobody has taken. */
  readonly receivedBytes: number;
  readonly unread: number;
  /** Bytes that wait for the peer, and how many it has taken so far. */
  readonly unsent: number;
  readonly taken: number;
  /** A deadline passed. */
  expired(failure: Failure): void;
}

export class Deadlines extends Alarm {
  readonly #owner: DeadlineOwner;
  readonly #timeouts: Timeouts;
  readonly #rate: MinReadRate | undefined;
  readonly #openedAt: number;
  /** The last byte either way, as far as it is known: of those that waited, only that they were taken since. */
  #activeAt: number;
  /** What the peer had taken then, if bytes waited for it. */
  #takenThen = 0;
  /** Since when a read or the peer's taking has been waited for, `undefined` while it is not. */
  #readingSince: number | undefined;
  #stalledSince: number | undefined;
  #taken = 0;
  /** Where the current stretch of the minimum read rate began. */
  #rateSince: number | undefined;
  #rateReceived = 0;

  constructor(owner: DeadlineOwner, timeouts: Timeouts, rate: MinReadRate | undefined) {
    super();
    this.#owner = owner;
    this.#timeouts = timeouts;
    this.#rate = rate;
    this.#openedAt = now();
    this.#activeAt = this.#openedAt;
    this.#arm();
  }

  /** Whether these options need watching from the start. A write deadline alone is watched once a write waits. */
  static needed(timeouts: Timeouts, rate: MinReadRate | undefined): boolean {
    const { idle, read, lifetime } = timeouts;
    return (idle ?? read ?? lifetime ?? rate) !== undefined;
  }

  active(): void {
    if (this.#timeouts.idle !== undefined) this.#activeAt = now();
  }

  readWaiting(waiting: boolean): void {
    this.#rateSince = undefined;
    if (waiting && this.#owner.unread > 0) this.readPartial();
    if (this.#timeouts.read === undefined) return;
    this.#readingSince = waiting ? now() : undefined;
    if (waiting) this.#arm();
  }

  /** A read waits, and has part of what it asks for: only from here on does the minimum rate count. */
  readPartial(): void {
    if (this.#rate === undefined || this.#rateSince !== undefined) return;
    this.#rateSince = now();
    this.#rateReceived = this.#owner.receivedBytes;
    this.#arm();
  }

  /** Bytes wait for the peer. */
  stalled(): void {
    if (this.#timeouts.idle !== undefined) this.#takenThen = this.#owner.taken;
    if (this.#timeouts.write === undefined || this.#stalledSince !== undefined) return;
    this.#stalledSince = now();
    this.#taken = this.#owner.taken;
    this.#arm();
  }

  /** The peer has taken everything. */
  drained(): void {
    this.active();
    this.#stalledSince = undefined;
    // An alarm nobody needs would keep an otherwise finished process alive until it goes off.
    if (this.#due() === Number.POSITIVE_INFINITY) this.unset();
  }

  protected override fired(): void {
    const failure = this.#missed(now());
    if (failure === undefined) this.#arm();
    else this.#owner.expired(failure);
  }

  #missed(time: number): Failure | undefined {
    const { idle, read, write, lifetime } = this.#timeouts;
    if (lifetime !== undefined && time >= this.#openedAt + lifetime) return timedOut("lifetime", lifetime);
    if (idle !== undefined && time >= this.#activeAt + idle) {
      const { taken, unsent } = this.#owner;
      if (unsent === 0 || taken === this.#takenThen) return timedOut("idle", idle);
      this.#takenThen = taken;
      this.#activeAt = time;
    }
    const reading = this.#readingSince;
    if (read !== undefined && reading !== undefined && time >= reading + read) return timedOut("read", read);
    const stalled = this.#stalledSince;
    if (write !== undefined && stalled !== undefined && time >= stalled + write) {
      const { taken, unsent } = this.#owner;
      if (unsent > 0 && taken === this.#taken) return timedOut("write", write);
      this.#taken = taken;
      this.#stalledSince = unsent > 0 ? time : undefined;
    }
    return this.#tooSlow(time);
  }

  #tooSlow(time: number): Failure | undefined {
    const rate = this.#rate;
    const since = this.#rateSince;
    if (rate === undefined || since === undefined || time < since + rate.grace) return undefined;
    const received = this.#owner.receivedBytes - this.#rateReceived;
    if (received * 1000 < rate.bytesPerSecond * (time - since)) {
      return () => new SlowPeerError(received, Math.round(time - since), rate.bytesPerSecond);
    }
    this.#rateSince = time;
    this.#rateReceived = this.#owner.receivedBytes;
    return undefined;
  }

  /** The earliest deadline that is running. */
  #due(): number {
    const { idle, read, write, lifetime } = this.#timeouts;
    let due = Number.POSITIVE_INFINITY;
    if (lifetime !== undefined) due = this.#openedAt + lifetime;
    if (idle !== undefined) due = Math.min(due, this.#activeAt + idle);
    if (read !== undefined && this.#readingSince !== undefined) due = Math.min(due, this.#readingSince + read);
    if (write !== undefined && this.#stalledSince !== undefined) due = Math.min(due, this.#stalledSince + write);
    if (this.#rate !== undefined && this.#rateSince !== undefined)
      due = Math.min(due, this.#rateSince + this.#rate.grace);
    return due;
  }

  #arm(): void {
    const due = this.#due();
    // An alarm that goes off early is only set again; one that goes off late would miss a deadline.
    if (due < this.at) this.set(due);
  }
}

function timedOut(kind: "idle" | "read" | "write" | "lifetime", ms: number): Failure {
  return () => new ConnectionTimeoutError(kind, ms);
}
