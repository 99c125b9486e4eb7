// Serves connections on the threads of a process.
import type { Socket } from "node:net";
import { ThreadGroup, type ThreadGroupOptions, type ThreadStopBudget } from "@plait/thread";
import { addCounts, type ConnectionCounts, noConnections, type ThreadStatus } from "./status.ts";

/** How long a thread may take to answer for `status`, in ms; past it the last known counters are shown. */
const STATUS_MS = 300;

/** Owns the threads until `stop`. */
export class ThreadsServer {
  readonly #group: ThreadGroup;

  private constructor(group: ThreadGroup) {
    this.#group = group;
  }

  static async open(options: ThreadGroupOptions): Promise<ThreadsServer> {
    return new ThreadsServer(await ThreadGroup.start(options));
  }

  get hasRoom(): boolean {
    return this.#group.hasRoom;
  }

  async serve(socket: Socket, listener: string): Promise<void> {
    await this.#group.serve(socket, listener);
  }

  async share(): Promise<ConnectionCounts & { threads: readonly ThreadStatus[] }> {
    const [stats, usages] = await Promise.all([this.#group.stats(STATUS_MS), this.#group.usage(STATUS_MS)]);
    const threads = this.#group.slots.map(({ unit, state, incarnation, startedAt, lastExit }) => {
      const counts = stats.get(unit) ?? noConnections;
      const usage = usages.get(unit) ?? null;
      return { unit, state, incarnation, startedAt, lastExit: lastExit?.text ?? null, usage, ...counts };
    });
    return { ...threads.reduce(addCounts, noConnections), threads };
  }

  async stop(budget: ThreadStopBudget, hurry: AbortSignal): Promise<void> {
    await this.#group.stop(budget, hurry);
  }
}
