// Speaks the server's half of TLS handshakes on sockets that were accepted elsewhere.
import type { Socket } from "node:net";
import type tls from "node:tls";
import { ConnectionResetError, ConnectionTimeoutError, PeerError } from "./errors.ts";
import { hostedOutcome } from "./hosted-outcome.ts";
import { socketUnder } from "./node-socket.ts";
import { tlsModule } from "./tls-module.ts";
import { readBytes, readCertificate, type TlsOptions } from "./tls-options.ts";

/** The peer did not complete a TLS handshake. */
export class HandshakeError extends PeerError {
  override readonly name = "HandshakeError";
  readonly code = "ERR_PLAIT_TLS_HANDSHAKE";

  constructor(cause: Error) {
    super(`The TLS handshake failed: ${cause.message}. Check that the client speaks TLS and trusts this certificate.`, {
      cause,
    });
  }
}

/** Settles the handshake of one socket. */
interface Waiting {
  readonly resolve: (socket: tls.TLSSocket) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** The longest time a timer of Node's can be set to. */
const NEVER = 2 ** 31 - 1;

/**
 * The TLS half of a listener. It owns no sockets: what it is given comes back encrypted, or destroyed.
 *
 * It drives a `tls.Server` that never listens, because that is where Node checks client certificates and keeps
 * ticket keys.
 */
export class TlsHandshake {
  readonly #options: TlsOptions;
  readonly #timeout: number;
  readonly #server: tls.Server;
  readonly #waiting = new Map<Socket, Waiting>();
  #names = new Map<string, tls.SecureContext>();

  private constructor(options: TlsOptions, timeout: number, context: tls.SecureContextOptions) {
    this.#options = options;
    this.#timeout = timeout;
    const { alpn, clientCertificate = "ignore", ticketKeys } = options;
    this.#server = tlsModule().createServer({
      ...context,
      // Not the server's clock but that of secure(): part of the time may be over when a socket comes here.
      handshakeTimeout: NEVER,
      requestCert: clientCertificate !== "ignore",
      rejectUnauthorized: clientCertificate === "require",
      SNICallback: (name, done) => done(null, this.#contextFor(name)),
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
      ...(ticketKeys === undefined ? {} : { ticketKeys: Buffer.from(ticketKeys) }),
    });
    this.#server.on("secureConnection", (secured) => this.#take(under(secured))?.resolve(secured));
    this.#server.on("tlsClientError", (error, secured) => this.#take(under(secured))?.reject(explain(error)));
  }

  /**
   * Reads the files.
   *
   * @param timeout Milliseconds a handshake may take.
   * @throws {CertificateError} A certificate or its key can't be used.
   * @throws The file system's error when a file is missing.
   */
  static async open(options: TlsOptions, timeout: number): Promise<TlsHandshake> {
    const handshake = new TlsHandshake(options, timeout, await contextOptions(options));
    handshake.#names = await namedContexts(options);
    return handshake;
  }

  /** Reads the files again. Connections that are open, or in their handshake, keep what they began with. */
  async reload(): Promise<void> {
    const context = await contextOptions(this.#options);
    const names = await namedContexts(this.#options);
    // Try it first: a broken file must leave the working certificate in place.
    tlsModule().createSecureContext(context);
    const { ticketKeys } = this.#options;
    this.#server.setSecureContext({
      ...context,
      ticketKeys: ticketKeys === undefined ? this.#server.getTicketKeys() : Buffer.from(ticketKeys),
    } as tls.SecureContextOptions);
    this.#names = names;
  }

  /**
   * Speaks the handshake.
   *
   * @param left Milliseconds that are left for it of the whole time.
   * @throws {HandshakeError} The peer speaks no TLS, or another kind of it.
   * @throws {ConnectionTimeoutError} It took too long.
   * @throws {ConnectionResetError} The peer went away.
   */
  secure(socket: Socket, left: number): Promise<tls.TLSSocket> {
    return new Promise((resolve, reject) => {
      const late = () => this.#take(socket)?.reject(new ConnectionTimeoutError("handshake", this.#timeout));
      this.#waiting.set(socket, { resolve, reject, timer: setTimeout(late, left) });
      // Its errors reach us as those of the handshake, or of the TLS socket.
      socket.on("error", () => {});
      socket.once("close", () => this.#take(socket)?.reject(new ConnectionResetError()));
      this.#server.emit("connection", socket);
    });
  }

  #take(socket: Socket): Waiting | undefined {
    const waiting = this.#waiting.get(socket);
    this.#waiting.delete(socket);
    clearTimeout(waiting?.timer);
    return waiting;
  }

  #contextFor(name: string): tls.SecureContext | undefined {
    const lower = name.toLowerCase();
    return this.#names.get(lower) ?? this.#names.get(lower.replace(/^[^.]*/, "*"));
  }
}

function under(secured: tls.TLSSocket): Socket {
  const socket = socketUnder(secured);
  if (socket === secured) throw new TypeError("tls.TLSSocket does not name the socket it was made over");
  return socket;
}

function explain(error: Error): Error {
  return hostedOutcome(error) === "reset" ? new ConnectionResetError(error) : new HandshakeError(error);
}

async function contextOptions(options: TlsOptions): Promise<tls.SecureContextOptions> {
  const certificate = await readCertificate(options);
  const ca = options.ca === undefined ? {} : { ca: await readBytes(options.ca) };
  return { ...certificate, ...ca, minVersion: options.minVersion ?? "TLSv1.2" };
}

async function namedContexts(options: TlsOptions): Promise<Map<string, tls.SecureContext>> {
  const names = new Map<string, tls.SecureContext>();
  for (const [name, files] of Object.entries(options.names ?? {})) {
    const context = { ...(await contextOptions(options)), ...(await readCertificate(files)) };
    names.set(name.toLowerCase(), tlsModule().createSecureContext(context));
  }
  return names;
}
