// Serves each socket with a server of Node's that the user exports: net, tls, http or https.
import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { HostedConnection, name } from "./hosted-connection.ts";
import type { Admitted } from "./listener.ts";
import { socketUnder, unpause } from "./node-socket.ts";
import type { ConnectionOutcome } from "./outcome.ts";
import { localPeer, remotePeer } from "./peer.ts";
import type { EndListener, OnError, Serving } from "./serving.ts";
import { WebSockets } from "./web-sockets.ts";

export class HostedServing implements Serving {
  readonly #server: Server;
  readonly #http: HttpServer | HttpsServer | undefined;
  readonly #onError: OnError;
  readonly #open = new Set<HostedConnection>();
  readonly #responses = new Set<ServerResponse>();
  readonly #webSockets = new WebSockets();
  #draining = false;
  #cancelled = false;

  constructor(server: Server, onError: OnError) {
    this.#server = server;
    this.#onError = onError;
    // In front of the server's own listener, which reads the address.
    server.prependListener("secureConnection", copyAddresses);
    if (isHttp(server)) {
      this.#http = server;
      this.#watch(server);
    }
  }

  serve(admitted: Admitted, id: string, listener: EndListener): void {
    const { socket } = admitted.incoming;
    if (socket.destroyed) {
      listener.ended("reset");
      return;
    }
    const connection = new HostedConnection(admitted, id);
    this.#open.add(connection);
    // Without a listener an error of one connection would end the whole unit.
    socket.on("error", (error) => {
      connection.failure ??= error;
    });
    socket.once("close", () => this.#closed(connection, listener));
    // Half-close is the server's choice, not that of whoever accepted for it.
    socket.allowHalfOpen = halfOpen(this.#server);
    unpause(socket);
    try {
      this.#server.emit("connection", socket);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error("The server threw.", { cause: error }));
    }
  }

  connectionOf(): undefined {
    return undefined;
  }

  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (const response of this.#responses) this.#endKeepAlive(response);
    this.#http?.closeIdleConnections();
    this.#webSockets.goAway();
  }

  async cancel(): Promise<void> {
    this.#cancelled = true;
    for (const { socket } of this.#open) socket.destroy();
  }

  #closed(connection: HostedConnection, listener: EndListener): void {
    connection.unset();
    this.#open.delete(connection);
    const outcome = this.#outcome(connection);
    const { id, peer, failure } = connection;
    if (outcome === "failed") this.#onError(failure, { id, peer });
    listener.ended(outcome);
  }

  #outcome({ outcome }: HostedConnection): ConnectionOutcome {
    if (this.#cancelled) return "cancelled";
    return outcome === "served" && this.#draining ? "goodbye" : outcome;
  }

  #watch(server: HttpServer | HttpsServer): void {
    server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
      this.#responses.add(response);
      response.once("close", () => {
        this.#responses.delete(response);
        if (this.#draining) server.closeIdleConnections();
      });
      if (this.#draining) this.#endKeepAlive(response);
    });
    // A server without this listener answers upgrade requests as ordinary ones; don't change that.
    if (server.listenerCount("upgrade") > 0) {
      server.prependListener("upgrade", (request: IncomingMessage, socket: Socket) => {
        this.#webSockets.add(request, socket);
        if (this.#draining) this.#webSockets.goAway();
      });
    }
    // A server that is only given sockets enforces no header or request timeout until this event.
    server.emit("listening");
  }

  #endKeepAlive(response: ServerResponse): void {
    if (!response.headersSent) response.shouldKeepAlive = false;
  }
}

/** Has the socket of a TLS server that brings its own certificate name who a PROXY header named. */
function copyAddresses(secured: TLSSocket): void {
  const socket = socketUnder(secured);
  if (Object.hasOwn(socket, "remoteAddress")) name(secured, "remote", remotePeer(socket));
  if (Object.hasOwn(socket, "localAddress")) name(secured, "local", localPeer(socket));
}

/** `allowHalfOpen` as the server was made with: a property that Node documents only as an option. */
function halfOpen(server: Server): boolean {
  return "allowHalfOpen" in server && server.allowHalfOpen === true;
}

function isHttp(server: Server): server is HttpServer | HttpsServer {
  // Ask for the modules here, and don't import them: an import of node:http reads everything that it exports, its web
  // client too, and that is 5 MB more in every serving thread, whatever it serves.
  const [http, https] = [process.getBuiltinModule("node:http"), process.getBuiltinModule("node:https")];
  return server instanceof http.Server || server instanceof https.Server;
}
