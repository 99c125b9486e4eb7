// Answers for health and metrics over HTTP. It asks no process for the probes, so a busy one delays none of them.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { HealthListener } from "@plait/config";
import { ListeningSocket, listenOn } from "@plait/process";
import type { SupervisorStatus } from "../status.ts";
import type { SupervisorEvent } from "../supervisor-event.ts";
import { Metrics } from "./metrics.ts";
import { probes, type Readiness } from "./readiness.ts";

/** The supervisor, as far as health is concerned. */
export interface Watched {
  readiness(): Readiness;
  status(): Promise<SupervisorStatus>;
}

/** How long a client may take to send its request, in ms. */
const REQUEST_MS = 5_000;

/** Clients at once; the descriptors that more would take are for processes. */
const MOST_CLIENTS = 100;

/** Owns its socket until `close()`. */
export class HealthServer {
  readonly #socket: ListeningSocket;
  readonly #server: Server;
  readonly #metrics = new Metrics();

  private constructor(socket: ListeningSocket, watched: Watched) {
    this.#socket = socket;
    this.#server = createServer({ headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS });
    this.#server.maxConnections = MOST_CLIENTS;
    this.#server.on("request", (request, response) => void this.#answer(request, response, watched));
  }

  /** @throws {BindError} when the address can't be bound */
  static async open(listener: HealthListener, watched: Watched): Promise<HealthServer> {
    const socket = await ListeningSocket.bind(listener);
    const health = new HealthServer(socket, watched);
    await new Promise<void>((resolve, reject) => {
      health.#server.once("listening", resolve);
      health.#server.once("error", reject);
      listenOn(health.#server, socket.handle, listener.backlog);
    });
    // Let an accept fail, for want of descriptors: its client asks again.
    health.#server.on("error", () => {});
    return health;
  }

  get address(): string {
    return this.#socket.address;
  }

  /** Counts what happened to a unit. */
  observe(event: SupervisorEvent): void {
    this.#metrics.observe(event);
  }

  /** Answers no more. */
  close(): void {
    this.#metrics.close();
    this.#server.close();
    this.#server.closeAllConnections();
    this.#socket.close();
  }

  async #answer({ method, url = "" }: IncomingMessage, response: ServerResponse, watched: Watched): Promise<void> {
    const [path = ""] = url.split("?");
    const reply = (code: number, text: string, type = "text/plain; charset=utf-8") => {
      response.writeHead(code, { "content-type": type, "cache-control": "no-store" });
      response.end(method === "HEAD" ? undefined : text);
    };
    if (method !== "GET" && method !== "HEAD") return reply(405, "GET or HEAD\n");
    const probe = Object.hasOwn(probes, path) ? probes[path]?.(watched.readiness()) : undefined;
    if (probe) return reply(probe.ok ? 200 : 503, `${probe.text}\n`);
    if (path !== "/metrics") return reply(404, `${[...Object.keys(probes), "/metrics"].join(" ")}\n`);
    try {
      reply(200, await this.#metrics.render(() => watched.status()), this.#metrics.contentType);
    } catch (error) {
      reply(500, `${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}
