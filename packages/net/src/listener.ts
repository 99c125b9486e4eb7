// What happens to a socket between accept and its handler: limits, PROXY header, TLS.
import type { Socket } from "node:net";
import type { AcceptRate } from "./accept-rate.ts";
import type { ConnectionCounter } from "./counter.ts";
import { Incoming } from "./incoming.ts";
import { Admission, type Limits } from "./limits.ts";
import { type ConnectionOptions, type ConnectionSettings, connectionSettings } from "./options.ts";
import { type ConnectionOutcome, outcomeOf } from "./outcome.ts";
import { type Peer, remotePeer } from "./peer.ts";
import type { ProxyHeader } from "./proxy/header.ts";
import { ProxyHeaderError } from "./proxy/parse.ts";
import { readProxyHeader } from "./proxy/read.ts";
import { type ProxyOptions, TrustedPeers } from "./proxy/trust.ts";
import { refuse } from "./refuse.ts";
import { setTcpOptions, type TcpOptions } from "./tcp-options.ts";
import { TlsHandshake } from "./tls-handshake.ts";
import type { TlsOptions } from "./tls-options.ts";

/** Options of one listener of a service. */
export interface ListenerOptions extends Omit<ConnectionOptions, "minReadRate">, TcpOptions {
  readonly limits?: Limits | undefined;
  readonly proxy?: ProxyOptions | undefined;
  readonly tls?: TlsOptions | undefined;
}

/** A connection that may be served. */
export interface Admitted {
  /** Encrypted, on a TLS listener. */
  readonly incoming: Incoming;
  readonly settings: ConnectionSettings;
  readonly proxy: ProxyHeader | undefined;
  /** To be called once the connection has ended. */
  readonly leave: () => void;
}

/** Who comes with a connection, and is told one of the two, once. */
export interface Guest {
  admitted(admitted: Admitted): void;
  /** The connection is gone. */
  refused(outcome: ConnectionOutcome): void;
}

/** A socket between accept and handler. */
interface Entering {
  /** What reads its descriptor at the moment. */
  socket: Socket;
}

/** The way in of one listener. */
export class Listener {
  readonly admission: Admission;
  #settings: ConnectionSettings;
  readonly #proxy: ProxyOptions | undefined;
  readonly #trusted: TrustedPeers;
  readonly #handshake: TlsHandshake | undefined;
  readonly #handshakeMs: number;
  readonly #tcp: TcpOptions;
  /** Those between accept and handler that nobody has cut off. */
  readonly #entering = new Set<Entering>();

  private constructor(
    name: string,
    options: ListenerOptions,
    counter: ConnectionCounter,
    rate: AcceptRate | undefined,
    handshake: TlsHandshake | undefined,
    handshakeMs: number,
  ) {
    const { limits = {}, proxy, noDelay, keepAlive } = options;
    this.admission = new Admission(name, limits, counter, rate);
    this.#settings = connectionSettings({ ...options, minReadRate: limits.minReadRate });
    this.#proxy = proxy;
    this.#trusted = new TrustedPeers(proxy?.trust ?? []);
    this.#handshake = handshake;
    this.#handshakeMs = handshakeMs;
    this.#tcp = { noDelay, keepAlive };
  }

  /** Reads the certificates, if it speaks TLS. */
  static async open(
    name: string,
    options: ListenerOptions,
    counter: ConnectionCounter,
    rate?: AcceptRate,
  ): Promise<Listener> {
    const handshakeMs = options.timeouts?.handshake ?? 10_000;
    const handshake = options.tls && (await TlsHandshake.open(options.tls, handshakeMs));
    return new Listener(name, options, counter, rate, handshake, handshakeMs);
  }

  /** Replaces the limits. Open connections stay, and keep the least read rate that they began with. */
  setLimits(limits: Limits): void {
    this.admission.limits = limits;
    this.#settings = { ...this.#settings, minReadRate: limits.minReadRate };
  }

  /** Cuts off whoever is between accept and handler. */
  cancel(): void {
    for (const entering of this.#entering) {
      this.#entering.delete(entering);
      entering.socket.destroy();
    }
  }

  reloadTls(): Promise<void> {
    return this.#handshake?.reload() ?? Promise.resolve();
  }

  /** Lets a connection in, or not; at once where nothing has to be waited for. */
  admit(incoming: Incoming, guest: Guest): void {
    if (!this.admission.enter()) {
      this.#refuse(incoming.socket, guest);
      return;
    }
    // Here, and not where it was accepted: a thread has time for these system calls, who accepts for all has not.
    setTcpOptions(incoming, this.#tcp);
    const { admission } = this;
    const settings = this.#settings;
    if (this.#proxy === undefined && this.#handshake === undefined && admission.limits.perAddress === undefined) {
      guest.admitted({ incoming, settings, proxy: undefined, leave: admission.leave });
      return;
    }
    this.#enter({ socket: incoming.socket }, guest);
  }

  /** For what has to be waited for. */
  #enter(entering: Entering, guest: Guest): void {
    this.#entering.add(entering);
    this.#prepare(entering, guest).catch((error: unknown) => {
      const cancelled = !this.#entering.delete(entering);
      this.admission.leave();
      entering.socket.on("error", () => {});
      entering.socket.destroy();
      guest.refused(cancelled ? "cancelled" : outcomeOf(error, entering.socket));
    });
  }

  async #prepare(entering: Entering, guest: Guest): Promise<void> {
    const handshakeBy = performance.now() + this.#handshakeMs;
    const peer = remotePeer(entering.socket);
    const proxy = await this.#readHeader(entering, peer);
    const { socket } = entering;
    const leaveAddress = this.admission.enterFrom((proxy?.source ?? peer).address);
    if (leaveAddress === undefined) {
      this.#entering.delete(entering);
      this.admission.leave();
      this.#refuse(socket, guest);
      return;
    }
    let secured = socket;
    try {
      if (this.#handshake !== undefined)
        secured = await this.#handshake.secure(socket, handshakeBy - performance.now());
    } catch (error) {
      leaveAddress();
      throw error;
    }
    const leave = () => {
      leaveAddress();
      this.admission.leave();
    };
    this.#entering.delete(entering);
    guest.admitted({ incoming: new Incoming(secured), settings: this.#settings, proxy, leave });
  }

  #refuse(socket: Socket, guest: Guest): void {
    const { overload } = this.admission.limits;
    // A farewell in plain text is no TLS, and a handshake for its sake is what a server above its limits can't afford.
    const plain = this.#handshake === undefined || typeof overload === "string";
    refuse(socket, plain ? overload : "close", () => guest.refused("limit"));
  }

  async #readHeader(entering: Entering, peer: Peer): Promise<ProxyHeader | undefined> {
    const options = this.#proxy;
    if (options === undefined) return undefined;
    const required = options.mode === "require";
    if (!this.#trusted.has(peer)) {
      if (required) throw new ProxyHeaderError("can't be trusted: the peer is not in proxy.trust");
      return undefined;
    }
    const { header, socket } = await readProxyHeader(entering.socket, required, this.#handshakeMs);
    entering.socket = socket;
    return header;
  }
}
