// Clients that connect, ask and leave in a loop, and keep a ledger of how each of their connections ended.
import { connect, type NetConnectOpts } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How a connection ended. All but `served` are losses. */
export const endings = ["served", "refused", "reset", "unanswered", "timeout"] as const;
export type Ending = (typeof endings)[number];
export type ClientLedger = Record<Ending, number>;

export interface ClientOptions {
  readonly address: NetConnectOpts;
  /** What each connection sends; any byte that comes back is an answer. */
  readonly send: string;
  /** How long a connection may take until it is answered and closed, in ms. */
  readonly timeout: number;
}

/** What is wrong on this side says nothing about the service: the attempt is repeated. */
const ownFaults = ["EADDRNOTAVAIL", "EMFILE", "ENFILE", "ENOBUFS"];
/** Between two connections of a client, in ms: more would only keep the cores from starting processes. */
const PAUSE_MS = 50;

/** Opens one connection, asks, and closes it; undefined when this machine had no port or descriptor left for it. */
export function ask({ address, send, timeout }: ClientOptions): Promise<Ending | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address);
    let ending: Ending | undefined = "unanswered";
    let answered = false;
    // One deadline for the whole, not for each wait: a service that trickles bytes is late as well.
    const deadline = setTimeout(() => {
      ending = "timeout";
      socket.destroy();
    }, timeout);
    socket.once("connect", () => socket.write(send));
    socket.on("data", () => {
      if (!answered) socket.end();
      answered = true;
    });
    socket.on("end", () => {
      if (answered) ending = "served";
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (ownFaults.includes(error.code ?? "")) ending = undefined;
      else ending = ["ECONNREFUSED", "ENOENT"].includes(error.code ?? "") ? "refused" : "reset";
    });
    socket.on("close", () => {
      clearTimeout(deadline);
      resolve(ending);
    });
  });
}

/** `count` clients at work; `stop` resolves with the ledger once the last connection has ended. */
export class PersistentClients {
  readonly ledger: ClientLedger = { served: 0, refused: 0, reset: 0, unanswered: 0, timeout: 0 };
  readonly #clients: readonly Promise<void>[];
  #going = true;

  constructor(count: number, options: ClientOptions) {
    this.#clients = Array.from({ length: count }, async () => {
      while (this.#going) {
        const ending = await ask(options);
        if (ending) this.ledger[ending]++;
        await sleep(PAUSE_MS);
      }
    });
  }

  async stop(): Promise<ClientLedger> {
    this.#going = false;
    await Promise.all(this.#clients);
    return this.ledger;
  }
}

/** How many connections a ledger has lost. */
export function lossesIn(ledger: ClientLedger): number {
  return endings.reduce((sum, ending) => (ending === "served" ? sum : sum + ledger[ending]), 0);
}
