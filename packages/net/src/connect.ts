// Opens a connection to somebody else's server.
import net from "node:net";
import tls from "node:tls";
import { type Op, suspend, timeout } from "@plait/coroutine";
import { type Connection, openConnection } from "./connection.ts";
import { ConnectionResetError } from "./errors.ts";
import { Link } from "./link.ts";
import { type ConnectionOptions, connectionSettings } from "./options.ts";
import { SocketTransport } from "./socket-transport.ts";
import { TlsTransport } from "./tls-transport.ts";
import type { Transport } from "./transport.ts";

/** Options of {@link connect}. */
export interface ConnectOptions extends ConnectionOptions {
  /** A name or an address. Default "localhost". */
  readonly host?: string;
  readonly port?: number;
  /** Path of a unix-domain socket, instead of `host` and `port`. */
  readonly path?: string;
  /** Milliseconds for looking the name up, connecting and the TLS handshake together. Default 10,000. */
  readonly connectTimeout?: number;
  /** Milliseconds one address gets before the next is tried beside it (RFC 8305). Default 250. */
  readonly attemptTimeout?: number;
  /** Speaks TLS, with options of `tls.connect`; `true` for the defaults. */
  readonly tls?: boolean | tls.ConnectionOptions;
  /** Shown in dumps and messages. Default "connect.1" and so on. */
  readonly id?: string;
}

let opened = 0;

/**
 * Connects. When a name has several addresses, they are tried one beside the other (happy eyeballs), and the first
 * that answers is used. The caller owns the connection; a cancel while connecting leaves nothing behind.
 *
 * @throws {TimeoutError} Nothing came of it within `connectTimeout`.
 * @throws The system's error (`ECONNREFUSED`, `ENOTFOUND`) or that of the handshake.
 * @example
 * const conn = yield* connect({ host: "example.com", port: 7 });
 * yield* conn.write("hello\n");
 */
export function connect(options: ConnectOptions): Op<Connection> {
  const where = options.path ?? `${options.host ?? "localhost"}:${options.port}`;
  return timeout(
    options.connectTimeout ?? 10_000,
    suspend<Connection>((resume, fail) => {
      const socket = options.tls ? connectTls(options) : net.connect(target(options));
      socket.once("error", fail);
      socket.once(options.tls ? "secureConnect" : "connect", () => {
        socket.off("error", fail);
        const settings = connectionSettings(options);
        const transport: Transport | undefined =
          socket instanceof tls.TLSSocket ? new TlsTransport(socket) : SocketTransport.over(socket);
        if (transport === undefined) fail(new ConnectionResetError());
        else resume(openConnection(options.id ?? `connect.${++opened}`, new Link(transport, settings)));
      });
      return () => {
        socket.on("error", () => {});
        socket.destroy();
      };
    }, `connect to ${where}`),
  );
}

function target(options: ConnectOptions): net.NetConnectOpts {
  if (options.path !== undefined) return { path: options.path, allowHalfOpen: true };
  const { host = "localhost", port = 0, attemptTimeout = 250 } = options;
  return {
    host,
    port,
    noDelay: true,
    allowHalfOpen: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeout,
  };
}

function connectTls(options: ConnectOptions): tls.TLSSocket {
  const own = typeof options.tls === "object" ? options.tls : {};
  const { host } = options;
  const named = host !== undefined && net.isIP(host) === 0 ? { servername: host } : {};
  return tls.connect({ ...target(options), ...named, ...own });
}
