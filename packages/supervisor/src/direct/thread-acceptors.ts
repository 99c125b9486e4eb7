// Accepts connections in the serving thread that serves them, from duplicates of the listening sockets that are its own.
import type { Server } from "node:net";
import type { MessagePort } from "node:worker_threads";
import { acceptFrom, type Incoming, type ServiceHost } from "@plait/net";
import { Acceptor, acceptingServer, type Loan, takeLoan } from "@plait/process/accept";
import { mostConnections } from "../accept-gate.ts";
import { ConnectionBook } from "../connection-book.ts";
import { DescriptorGuard } from "../descriptor-guard.ts";
import type { LatencyRecorder } from "../latency.ts";
import type { ListenerSetup } from "../listener-setup.ts";
import { bookAt } from "./thread-books.ts";
import type { AcceptingPlan, FromThread, ToThread } from "./wire.ts";

export interface ThreadAcceptorsOptions {
  /** The thread's id, for example `"p2.t1"`. */
  readonly unit: string;
  readonly line: MessagePort;
  readonly plan: AcceptingPlan;
  readonly setups: readonly ListenerSetup[];
  readonly host: ServiceHost;
  readonly latencies: LatencyRecorder;
}

/** One listener, and the duplicate of its socket that this thread has. */
interface Door {
  readonly index: number;
  readonly name: string;
  acceptor: Acceptor | undefined;
  /** Of a unix socket: the descriptor that was lent last. */
  lent: number | undefined;
  /** Waits for another duplicate. */
  renewed: ((server: Server | undefined) => void) | undefined;
  /** How many connections it may have. */
  most: number;
  connections: number;
}

/**
 * Accepts while the thread has room, no listener's limit is met, none is suspended, and descriptors are left; meanwhile
 * the other threads take what comes, and past them it waits in the kernel's queue. Every connection is entered in the
 * thread's book before it is served.
 *
 * It owns its duplicates until `close`.
 */
export class ThreadAcceptors {
  readonly #options: ThreadAcceptorsOptions;
  readonly #book: ConnectionBook;
  readonly #doors: readonly Door[];
  readonly #descriptors: DescriptorGuard;
  /** Which of the threads it is, from 0. */
  readonly #position: number;
  #setups: readonly ListenerSetup[];
  #threads: number;
  #isFull = false;
  #closed = false;

  constructor(options: ThreadAcceptorsOptions) {
    const { unit, line, plan, setups } = options;
    this.#options = options;
    this.#setups = setups;
    this.#threads = plan.threads;
    this.#position = Number(unit.split(".t").at(-1)) - 1;
    this.#book = new ConnectionBook(bookAt(plan.books, plan.place));
    this.#descriptors = new DescriptorGuard({
      onChange: () => this.#regulateAll(),
      onShort: (reason) => this.#tell({ type: "failed", reason }),
      sharers: plan.threads,
    });
    const nothing = { acceptor: undefined, lent: undefined, renewed: undefined, connections: 0 };
    this.#doors = setups.flatMap(({ name, direct }, index) => (direct ? [{ ...nothing, index, name, most: 0 }] : []));
    this.update();
    line.on("message", (message: ToThread) => this.#onMessage(message));
    for (const { index } of this.#doors) this.#tell({ type: "wants", listener: index });
  }

  /** Takes over listeners' limits, and whether they are suspended; and by how many threads the limits are shared. */
  update(setups: readonly ListenerSetup[] = this.#setups, threads: number = this.#threads): void {
    this.#setups = setups;
    this.#threads = threads;
    const share = (limit: number) => shareOf(limit, this.#position, threads);
    for (const door of this.#doors) door.most = mostConnections(setups[door.index], share);
    this.#regulateAll();
  }

  /** The number of connections that the thread serves has changed. */
  counted(): void {
    const { host, plan } = this.#options;
    const isFull = host.connections >= plan.coroutines;
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#regulateAll();
    if (!isFull && plan.isHanded) this.#tell({ type: "room" });
  }

  /** Accepts no more. Connections go on. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#descriptors.close();
    for (const { acceptor } of this.#doors) acceptor?.close();
  }

  #onMessage(message: ToThread): void {
    if (message.type === "close") {
      this.close();
      return;
    }
    const { listener, server, loan, backlog } = message;
    const door = this.#doors.find(({ index }) => index === listener);
    // A loan that is not taken stays the lender's.
    if (!door || this.#closed) server?.close();
    else if (server) this.#admit(door, server, true);
    else if (loan) this.#open(door, loan, backlog);
    else this.#renewed(door, undefined);
  }

  #open(door: Door, loan: Loan, backlog: number | undefined): void {
    door.lent = loan.descriptor;
    const server = acceptingServer();
    server.once("listening", () => this.#admit(door, server, false));
    server.once("error", ({ message }) => {
      this.#tell({ type: "failed", reason: message });
      this.#renewed(door, undefined);
    });
    server.listen({ fd: takeLoan(loan) }, backlog);
  }

  #admit(door: Door, server: Server, isTcp: boolean): void {
    if (door.acceptor) {
      this.#renewed(door, server);
      return;
    }
    door.acceptor = new Acceptor(server, isTcp, {
      attach: (from) => acceptFrom(from, (incoming) => this.#serve(door, incoming)),
      onError: ({ message }) => this.#tell({ type: "failed", reason: message }),
      renew: () =>
        new Promise((resolve) => {
          door.renewed = resolve;
          this.#tell({ type: "wants", listener: door.index, returned: door.lent });
          door.lent = undefined;
        }),
    });
    this.#regulate(door);
    this.#tell({ type: "listens", listener: door.index });
  }

  #renewed(door: Door, server: Server | undefined): void {
    door.renewed?.(server);
    door.renewed = undefined;
  }

  #serve(door: Door, incoming: Incoming): void {
    const { host, latencies } = this.#options;
    this.#book.accept();
    this.#descriptors.accepted();
    latencies.record("accept", 0);
    door.connections++;
    door.acceptor?.accepted();
    host.serve(incoming, door.name, (outcome) => {
      this.#book.end(outcome);
      door.connections--;
      this.counted();
      this.#regulate(door);
    });
    this.counted();
    this.#regulate(door);
  }

  #regulateAll(): void {
    for (const door of this.#doors) this.#regulate(door);
  }

  #regulate({ acceptor, most, connections }: Door): void {
    if (this.#isFull || this.#descriptors.short || connections >= most) acceptor?.pause();
    else acceptor?.resume();
  }

  #tell(message: FromThread): void {
    this.#options.line.postMessage(message);
  }
}

/** What one of so many threads may take of a limit: together they take exactly the limit. */
export function shareOf(limit: number, position: number, threads: number): number {
  return Math.floor(limit / threads) + (position < limit % threads ? 1 : 0);
}
