// Carries a connection through memory: the two ends of a pipe.
import { Alarm, now } from "@plait/coroutine/unstable";
import type { Peer } from "./peer.ts";
import type { Receiver, Transport } from "./transport.ts";
import { endIoCallback } from "./turn.ts";
import type { Writable } from "./writable.ts";

/** How a pipe treats what passes through it. */
export interface Passage {
  /** Milliseconds from writing to arriving, on the scheduler's clock. */
  readonly latency: number;
  /** Bytes to deliver at once, of so many that are there. */
  readonly chunk: (bytes: number) => number;
}

/** One end of a pipe. What it sends is delivered to the other end, later and in its own turn, as a network would. */
export class MemoryTransport implements Transport {
  readonly remote: Peer;
  readonly local: Peer;
  readonly tls = undefined;
  readonly #passage: Passage;
  #other: MemoryTransport = this;
  #receiver: Receiver | undefined;
  /** Bytes on their way to the other end, and when they arrive. */
  readonly #sent: { bytes: Buffer; at: number }[] = [];
  #pending = 0;
  #taken = 0;
  #finishing = false;
  /** When the end of the stream arrives, if it was sent. */
  #endsAt = 0;
  #finished = false;
  /** This end wants no bytes for now. */
  #paused = false;
  #gone = false;
  readonly #delivery = new Delivery(() => this.#deliver());

  constructor(local: Peer, remote: Peer, passage: Passage) {
    this.local = local;
    this.remote = remote;
    this.#passage = passage;
  }

  /** Joins two ends. */
  static join(a: MemoryTransport, b: MemoryTransport): void {
    a.#other = b;
    b.#other = a;
  }

  get pending(): number {
    return this.#pending;
  }

  get taken(): number {
    return this.#taken;
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  send(data: Writable): void {
    if (this.#gone || this.#finishing) return;
    if (this.#other.#gone) {
      this.#close(brokenPipe());
      return;
    }
    const at = now() + this.#passage.latency;
    for (const chunk of Array.isArray(data) ? data : [data]) {
      // A copy, because the other end owns what it is given.
      const bytes = Buffer.from(chunk);
      this.#sent.push({ bytes, at });
      this.#pending += bytes.length;
    }
    this.#delivery.wanted(at);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    const other = this.#other;
    other.#delivery.wanted(other.#sent[0]?.at ?? 0);
  }

  finish(): void {
    if (this.#finishing) return;
    this.#finishing = true;
    this.#endsAt = now() + this.#passage.latency;
    this.#delivery.wanted(this.#endsAt);
  }

  destroy(): void {
    if (this.#gone) return;
    // What was sent is lost, but the other end sees an end of the stream, as it does when a process dies.
    this.#sent.length = 0;
    this.#pending = 0;
    this.finish();
    this.#close(undefined);
  }

  reset(): void {
    if (this.#gone) return;
    this.#close(undefined);
    this.#other.#close(connectionReset());
  }

  #deliver(): void {
    const other = this.#other;
    const time = now();
    while (this.#sent.length > 0 && !other.#paused && !other.#gone) {
      const next = this.#sent[0] as { bytes: Buffer; at: number };
      if (next.at > time) {
        this.#delivery.wanted(next.at);
        return;
      }
      this.#deliverSome(next, other);
    }
    if (this.#sent.length > 0 || !this.#finishing || this.#finished) return;
    if (this.#endsAt > time) {
      this.#delivery.wanted(this.#endsAt);
      return;
    }
    this.#finished = true;
    other.#receiver?.ended();
    this.#receiver?.finished();
    if (other.#finished) {
      this.#close(undefined);
      other.#close(undefined);
    }
    endIoCallback();
  }

  #deliverSome(next: { bytes: Buffer }, other: MemoryTransport): void {
    const size = Math.max(1, Math.min(this.#passage.chunk(next.bytes.length), next.bytes.length));
    const piece = next.bytes.subarray(0, size);
    if (size === next.bytes.length) this.#sent.shift();
    else next.bytes = next.bytes.subarray(size);
    this.#pending -= size;
    this.#taken += size;
    other.#receiver?.received(piece, size, false);
    this.#receiver?.drained();
    endIoCallback();
  }

  #close(error: Error | undefined): void {
    if (this.#gone) return;
    this.#gone = true;
    // In a turn of its own: the transport's owner is in the middle of something when it asks for the end.
    queueMicrotask(() => {
      this.#receiver?.closed(error);
      endIoCallback();
    });
  }
}

/** Calls back once for any number of requests: right after this turn, or at a time. */
class Delivery extends Alarm {
  readonly #deliver: () => void;
  #scheduled = false;

  constructor(deliver: () => void) {
    super();
    this.#deliver = deliver;
  }

  wanted(at: number): void {
    if (at > now()) {
      if (at < this.at) this.set(at);
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  protected override fired(): void {
    this.#deliver();
  }
}

function connectionReset(): Error {
  return Object.assign(new Error("The other end of the pipe was reset."), { code: "ECONNRESET" });
}

function brokenPipe(): Error {
  return Object.assign(new Error("The other end of the pipe is gone."), { code: "EPIPE" });
}
