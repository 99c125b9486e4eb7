// Serves connections in the thread it is created in: on a process's main thread when there are no serving threads.
import type { Socket } from "node:net";
import { openServiceHost, type ServiceHost } from "@plait/net";
import type { ThreadStopBudget } from "@plait/thread";
import { type ListenerSetup, listenerOptions } from "./listener-setup.ts";
import { reportServiceError } from "./report.ts";
import type { ConnectionCounts, ThreadStatus } from "./status.ts";

/** Owns the service host until `stop`. */
export class InlineServer {
  readonly #host: ServiceHost;
  readonly #coroutines: number;
  readonly #onRoom: () => void;

  private constructor(host: ServiceHost, coroutines: number, onRoom: () => void) {
    this.#host = host;
    this.#coroutines = coroutines;
    this.#onRoom = onRoom;
  }

  static async open(
    entry: string,
    unit: string,
    listeners: readonly ListenerSetup[],
    coroutines: number,
    onRoom: () => void,
  ): Promise<InlineServer> {
    const options = { unit, onError: reportServiceError, listeners: listenerOptions(listeners) };
    return new InlineServer(await openServiceHost(entry, options), coroutines, onRoom);
  }

  get hasRoom(): boolean {
    return this.#host.connections < this.#coroutines;
  }

  async serve(socket: Socket, listener: string): Promise<void> {
    await this.#host.serve(socket, listener);
    this.#onRoom();
  }

  async share(): Promise<ConnectionCounts & { threads: readonly ThreadStatus[] }> {
    const { connections, total, outcomes } = this.#host;
    return { connections, total, outcomes: { ...outcomes }, lost: 0, threads: [] };
  }

  async stop(budget: ThreadStopBudget, hurry: AbortSignal): Promise<void> {
    this.#host.drain();
    const hurried = new Promise<void>((resolve) => {
      if (hurry.aborted) resolve();
      hurry.addEventListener("abort", () => resolve(), { once: true });
    });
    await within(budget.drain, Promise.race([this.#host.idle(), hurried]));
    // A coroutine that does not end, or a service that does not stop, must not keep the process: it has had its time.
    await within(budget.cancel, this.#host.cancel("the service is being stopped"));
    await within(budget.cancel, this.#host.stop());
  }
}

/** Settles with `promise`, or after so many ms without it. */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  try {
    await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
