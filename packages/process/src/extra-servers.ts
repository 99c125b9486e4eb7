// More servers on one listening socket, for as long as connections arrive faster than one server accepts.
import type { Server } from "node:net";
import { ArrivalRush } from "./arrival-rush.ts";

export interface ExtraServersOptions {
  /** Makes another server of one more duplicate of the socket; undefined when the socket is closed. */
  readonly renew: () => Promise<Server | undefined>;
  /** Takes the connections of a server. */
  readonly attach: (server: Server) => void;
  readonly onError: (error: Error) => void;
}

/** With 16 the last of 500 clients that arrive at once is not served sooner than with 8. */
const MOST_SERVERS = 7;
const QUIET_MS = 1000;

/**
 * Node accepts one connection a turn of the event loop for each server, and a turn is as long as everything that is ready
 * takes: the last of 500 clients that arrive at once waits for 500 turns. So servers on further duplicates of the socket are
 * added in a rush of connections, and closed after a second without one.
 *
 * They are not there all the time: processes that share a socket would each take eight connections at once, and a few
 * clients that come together would all be served by one of them.
 *
 * It owns its servers until `close()`.
 */
export class ExtraServers {
  readonly #options: ExtraServersOptions;
  #servers: Server[] = [];
  readonly #rush = new ArrivalRush();
  #isQuiet = true;
  #isAdding = false;
  /** Which time it is closed for next: what is under way then is not for the time after. */
  #period = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ExtraServersOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get count(): number {
    return this.#servers.length;
  }

  /** Call it for every connection. */
  accepted(): void {
    const { uvMetricsInfo, idleTime: idle } = performance.nodeTiming;
    if (!this.#rush.note({ turn: uvMetricsInfo.loopCount, now: performance.now(), idle })) return;
    this.#isQuiet = false;
    if (!this.#isAdding && this.#servers.length < MOST_SERVERS) void this.#add();
  }

  /** Leaves none, until the next rush. */
  close(): void {
    this.#period++;
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const server of this.#servers.splice(0)) server.close();
  }

  async #add(): Promise<void> {
    this.#isAdding = true;
    const period = this.#period;
    this.#timer ??= setInterval(() => this.#closeIfQuiet(), QUIET_MS).unref();
    try {
      while (period === this.#period && this.#servers.length < MOST_SERVERS) {
        const server = await this.#options.renew();
        if (!server) return;
        if (period === this.#period) this.#take(server);
        else server.close();
      }
    } catch (error) {
      this.#options.onError(error as Error);
    } finally {
      this.#isAdding = false;
    }
  }

  #take(server: Server): void {
    this.#servers.push(server);
    this.#options.attach(server);
    server.on("error", this.#options.onError);
  }

  #closeIfQuiet(): void {
    if (this.#isQuiet) this.close();
    this.#isQuiet = true;
  }
}
