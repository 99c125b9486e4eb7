// Serves connections on the threads of a process.
import type { Socket } from "node:net";
import { ThreadGroup, type ThreadGroupOptions, type ThreadStopBudget } from "@plait/thread";
import { noConnections, type ThreadStatus } from "./status.ts";

/** How long a thread may take to answer for `status`, in ms; past it the last known usage is shown. */
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

  serve(socket: Socket, listener: string): Promise<string> {
    return this.#group.serve(socket, listener);
  }

  call(unit: string, method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    return this.#group.call(unit, method, args, { timeout });
  }

  async threads(): Promise<readonly ThreadStatus[]> {
    const usages = await this.#group.usage(STATUS_MS);
    const { stats } = this.#group;
    return this.#group.slots.map(({ unit, state, incarnation, startedAt, lastExit }) => {
      const counts = stats.get(unit) ?? noConnections;
      const usage = usages.get(unit) ?? null;
      return { unit, state, incarnation, startedAt, lastExit: lastExit?.text ?? null, usage, ...counts };
    });
  }

  async stop(budget: ThreadStopBudget, hurry: AbortSignal): Promise<void> {
    await this.#group.stop(budget, hurry);
  }
}
