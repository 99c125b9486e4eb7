// Opens a connection to somebody else's server.
import net, { type LookupFunction, type Socket } from "node:net";
import type { ConnectionOptions as TlsConnectionOptions } from "node:tls";
import { type Op, suspend, timeout } from "@plait/coroutine";
import { Attempts } from "./attempts.ts";
import { ConnectError } from "./connect-error.ts";
import { type Connection, openConnection } from "./connection.ts";
import { ConnectionResetError } from "./errors.ts";
import { Incoming } from "./incoming.ts";
import { Link } from "./link.ts";
import { type ConnectionOptions, connectionSettings } from "./options.ts";
import { SocketTransport } from "./socket-transport.ts";
import { setTcpOptions, type TcpOptions } from "./tcp-options.ts";
import { isTls, tlsModule } from "./tls-module.ts";
import { TlsTransport } from "./tls-transport.ts";
import type { Transport } from "./transport.ts";

/** Options of {@link connect}. */
export interface ConnectOptions extends ConnectionOptions, TcpOptions {
  /** A name or an address. Default "localhost". */
  readonly host?: string;
  /** 1 to 65,535. Needed unless there is a `path`. */
  readonly port?: number;
  /** Path of a unix-domain socket, instead of `host` and `port`. */
  readonly path?: string;
  /** Milliseconds for looking the name up, connecting and the TLS handshake together. Default 10,000. */
  readonly connectTimeout?: number;
  /** Milliseconds one address gets before the next is tried beside it (RFC 8305). Default 250. */
  readonly attemptTimeout?: number;
  /** Looks the addresses of `host` up. Default: `dns.lookup`. */
  readonly lookup?: LookupFunction;
  /** Speaks TLS, with options of `tls.connect`; `true` for the defaults. */
  readonly tls?: boolean | TlsConnectionOptions;
  /** Shown in dumps and messages. Default "connect.1" and so on. */
  readonly id?: string;
}

let opened = 0;

/**
 * Connects. When a name has several addresses, they are tried one beside the other, IPv6 and IPv4 by turns (happy
 * eyeballs), and the first that answers is used. The caller owns the connection; a cancel while connecting leaves nothing
 * behind.
 *
 * @throws {ConnectError} No address answered, the name has none, or the TLS handshake failed; `errors` has the system's
 *   error for each address.
 * @throws {TimeoutError} Nothing came of it within `connectTimeout`.
 * @throws {RangeError} There is neither a `port` nor a `path`.
 * @example
 * const conn = yield* connect({ host: "example.com", port: 7 });
 * yield* conn.write("hello\n");
 */
export function connect(options: ConnectOptions): Op<Connection> {
  const where = describe(options);
  return timeout(
    options.connectTimeout ?? 10_000,
    suspend<Connection>((resume, fail) => {
      const failed = (causes: readonly Error[]) => fail(new ConnectError(where, causes));
      const connected = (socket: Socket) => {
        const transport = transportOver(socket);
        if (transport === undefined) return failed([new ConnectionResetError()]);
        resume(openConnection(options.id ?? `connect.${++opened}`, new Link(transport, connectionSettings(options))));
      };
      let cancel = reach(options, failed, (socket) => {
        setTcpOptions(socket, options);
        if (options.tls) cancel = secure(socket, options, failed, connected);
        else connected(socket);
      });
      return () => cancel();
    }, `connect to ${where}`),
  );
}

/** Begins something that ends in one of two calls; what it returns lets go of it before that. */
type Begun = () => void;

function reach(
  { host = "localhost", port = 0, path, attemptTimeout = 250, lookup }: ConnectOptions,
  failed: (causes: readonly Error[]) => void,
  reached: (socket: Socket) => void,
): Begun {
  if (path !== undefined) return settle(net.connect({ path, allowHalfOpen: true }), "connect", failed, reached);
  const attempts = new Attempts({ host, port, apart: attemptTimeout, lookup }, reached, failed);
  return () => attempts.cancel();
}

function secure(
  socket: Socket,
  options: ConnectOptions,
  failed: (causes: readonly Error[]) => void,
  secured: (socket: Socket) => void,
): Begun {
  const { host } = options;
  const own = typeof options.tls === "object" ? options.tls : {};
  // The certificate is checked against the name, or the address, that was asked for.
  const named = host === undefined ? {} : { host, ...(net.isIP(host) === 0 ? { servername: host } : {}) };
  return settle(tlsModule().connect({ ...named, ...own, socket }), "secureConnect", failed, secured);
}

function settle(
  socket: Socket,
  event: "connect" | "secureConnect",
  failed: (causes: readonly Error[]) => void,
  done: (socket: Socket) => void,
): Begun {
  const onError = (error: Error) => failed([error]);
  socket.once("error", onError);
  socket.once(event, () => {
    socket.off("error", onError);
    done(socket);
  });
  return () => {
    socket.on("error", () => {});
    socket.destroy();
  };
}

function transportOver(socket: Socket): Transport | undefined {
  return isTls(socket) ? new TlsTransport(socket) : SocketTransport.over(new Incoming(socket));
}

/** "example.com:7", "[::1]:7", or the path. */
function describe({ host = "localhost", port, path }: ConnectOptions): string {
  if (path !== undefined) return path;
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(
      `connect() to port ${port}: give a \`port\` from 1 to 65535, or the \`path\` of a unix socket.`,
    );
  }
  return net.isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
