// Clients that count every connection and compare every byte, and the supervisor's books against theirs.
import { expect } from "vitest";
import { pause } from "../pause.ts";
import { Client, type RunningSupervisor } from "../supervisor-program.ts";

export interface ClientBooks {
  /** Connections that the kernel had taken in. */
  connected: number;
  /** Every byte came back, and then a clean end. */
  served: number;
  /** Reset, or ended before all of it had come back. */
  broken: number;
  refused: number;
}

/** They connect, ask a few times and leave, again and again, until they are told to stop. */
export class CountingClients {
  readonly books: ClientBooks = { connected: 0, served: 0, broken: 0, refused: 0 };
  readonly #to: number | string;
  readonly #going: Promise<void>[];
  readonly #watchers = new Set<() => void>();
  #stopping = false;

  /** @param to a port of this machine, or the path of a unix socket */
  constructor(to: number | string, clients = 4) {
    this.#to = to;
    this.#going = Array.from({ length: clients }, (_, index) => this.#go(index));
  }

  /** Resolves when so many more connections were served. */
  async more(served: number): Promise<void> {
    const wanted = this.books.served + served;
    await new Promise<void>((resolve) => {
      const look = () => {
        if (this.books.served < wanted) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  async stop(): Promise<ClientBooks> {
    this.#stopping = true;
    await Promise.all(this.#going);
    return this.books;
  }

  async #go(index: number): Promise<void> {
    for (let round = 0; !this.#stopping; round++) {
      const client = new Client(this.#to);
      client.socket.once("connect", () => this.books.connected++);
      const texts = Array.from({ length: 1 + (round % 3) }, (_, ask) =>
        `${index} ${round} ${ask} `.repeat(1 + 40 * ask),
      );
      const echoed = await allEchoed(client, texts);
      client.socket.end();
      const end = await client.closed;
      this.books[end === "refused" ? "refused" : echoed && end === "closed" ? "served" : "broken"]++;
      for (const look of this.#watchers) look();
      // They share the machine with what they test.
      await pause();
    }
  }
}

async function allEchoed(client: Client, texts: readonly string[]): Promise<boolean> {
  for (const text of texts) {
    const echo = await client.ask(text).catch(() => undefined);
    if (echo !== text.toUpperCase()) return false;
  }
  return true;
}

/**
 * Nobody was refused, and everything that broke is in the supervisor's books as lost, or as cut off at the end of a drain.
 * Of each that accepts and died, one connection may be in no book: the one that the kernel had just given to it.
 *
 * @param deaths of those that accept; default the processes' that its log tells
 */
export async function expectExplained(
  running: RunningSupervisor,
  clients: ClientBooks,
  deaths = running.stderr.match(/p\d+ ended: /g)?.length ?? 0,
): Promise<void> {
  const { connected, served, broken, refused } = clients;
  expect(connected).toBe(served + broken);
  const { total, lost, cancelled } = await settledBooks(running);
  const uncounted = connected - total;
  expect(uncounted).toBeGreaterThanOrEqual(0);
  expect(uncounted).toBeLessThanOrEqual(deaths);
  const unexplained = Math.max(0, broken - lost - cancelled - uncounted);
  expect({ refused, unexplained }).toEqual({ refused: 0, unexplained: 0 });
}

/** The books when no connection is open any more; that they add up holds at any time. */
async function settledBooks(running: RunningSupervisor): Promise<{ total: number; lost: number; cancelled: number }> {
  for (;;) {
    const processes = await running.processes();
    const sum = (of: (process: (typeof processes)[number]) => number) =>
      processes.reduce((all, each) => all + of(each), 0);
    const live = sum(({ connections, waiting }) => connections + waiting);
    const ended = sum(({ outcomes, lost }) => Object.values(outcomes).reduce((all, count) => all + count, lost));
    const total = sum((each) => each.total);
    expect(live + ended).toBe(total);
    if (live === 0)
      return { total, lost: sum(({ lost }) => lost), cancelled: sum(({ outcomes }) => outcomes.cancelled ?? 0) };
    await pause();
  }
}
