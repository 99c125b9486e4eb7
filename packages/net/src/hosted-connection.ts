// One socket that a server of Node's is serving: its deadlines, whose it is, and how it ended.
//
// Nobody reports what happens on such a socket, so its deadlines are looked at now and then: never early, and late by a
// quarter of the shortest at most. The server's own timeouts on the socket (setTimeout) stay its own.
import type { Socket } from "node:net";
import { Alarm, now } from "@plait/coroutine/unstable";
import { hostedOutcome } from "./hosted-outcome.ts";
import type { Admitted } from "./listener.ts";
import { type Traffic, trafficOf } from "./node-socket.ts";
import type { Timeouts } from "./options.ts";
import type { ConnectionOutcome } from "./outcome.ts";
import { formatPeer, type Peer, remotePeer } from "./peer.ts";

/** Looks within the shortest deadline. */
const LOOKS = 4;

export class HostedConnection extends Alarm {
  readonly socket: Socket;
  readonly id: string;
  /** "127.0.0.1:4100" */
  readonly peer: string;
  readonly #timeouts: Timeouts;
  readonly #openedAt: number = now();
  readonly #every: number;
  #seen: Traffic = { received: 0, taken: 0, waiting: 0 };
  /** When a look last found bytes that had come or gone. */
  #activeAt: number = this.#openedAt;
  /** The look that first found that nothing of what waits has been taken, `undefined` while the peer takes it. */
  #stalledAt: number | undefined;
  #timedOut = false;
  /** What the socket was destroyed with, `undefined` when it ended in order. */
  failure: Error | undefined;

  constructor({ incoming, settings, proxy }: Admitted, id: string) {
    const { socket } = incoming;
    super();
    this.socket = socket;
    this.id = id;
    this.peer = formatPeer(proxy?.source ?? remotePeer(socket));
    if (proxy?.source) name(socket, "remote", proxy.source);
    if (proxy?.destination) name(socket, "local", proxy.destination);
    this.#timeouts = settings.timeouts;
    const { idle, write, lifetime } = settings.timeouts;
    this.#every = Math.min(idle ?? Infinity, write ?? Infinity) / LOOKS;
    if (Math.min(this.#every, lifetime ?? Infinity) < Infinity) this.#arm();
  }

  /** How it ended, once its socket has closed. */
  get outcome(): ConnectionOutcome {
    if (this.#timedOut) return "timeout";
    return this.failure === undefined ? "served" : hostedOutcome(this.failure);
  }

  protected override fired(): void {
    const time = now();
    this.#look(time);
    const { idle, write, lifetime } = this.#timeouts;
    const passed = (since: number | undefined, ms: number | undefined) =>
      since !== undefined && ms !== undefined && time >= since + ms;
    if (passed(this.#openedAt, lifetime) || passed(this.#activeAt, idle) || passed(this.#stalledAt, write)) {
      this.#timedOut = true;
      this.socket.destroy();
    } else {
      this.#arm();
    }
  }

  #look(time: number): void {
    const { received, taken, waiting } = trafficOf(this.socket);
    const before = this.#seen;
    this.#seen = { received, taken, waiting };
    if (received !== before.received || taken !== before.taken) this.#activeAt = time;
    if (waiting === 0 || taken !== before.taken) this.#stalledAt = undefined;
    else this.#stalledAt ??= time;
  }

  #arm(): void {
    const { lifetime } = this.#timeouts;
    const end = lifetime === undefined ? Infinity : this.#openedAt + lifetime;
    this.set(Math.min(end, now() + this.#every));
  }
}

/** Has a socket say who is at one end of it, for whoever asks it: Express's `request.ip`, a log. */
export function name(socket: Socket, end: "remote" | "local", { address, port, family }: Peer): void {
  const tcp = family === "IPv4" || family === "IPv6";
  const values = { Address: address, Port: tcp ? port : undefined, Family: tcp ? family : undefined };
  for (const [property, value] of Object.entries(values)) {
    Object.defineProperty(socket, end + property, { value, configurable: true, enumerable: true });
  }
}
