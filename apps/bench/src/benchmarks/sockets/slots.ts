// Processes in slots, each killed and started again, and which of them accepts from which queue.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pass } from "node:timers/promises";
import { processorTime } from "../../harness/process-tree.ts";
import { bindQueues, give, type Queues, takeBack } from "./queues.ts";

/** As long as the supervisor's first wait, in ms. */
const RESTART_MS = 100;

/** Owns the sockets and the processes until `end`. */
export class Slots {
  readonly port: number;
  readonly #program: string;
  readonly #kind: Queues;
  readonly #sockets: Awaited<ReturnType<typeof bindQueues>>["sockets"];
  readonly #children: (ChildProcess | undefined)[];
  /** By queue: the slot that accepts from it. Of the shared queue, all do. */
  readonly #holders: (number | undefined)[] = [];
  #ended = false;

  private constructor(program: string, kind: Queues, slots: number, bound: Awaited<ReturnType<typeof bindQueues>>) {
    this.#program = program;
    this.#kind = kind;
    this.#sockets = bound.sockets;
    this.port = bound.port;
    this.#children = Array(slots).fill(undefined);
  }

  /** @param program runs `acceptFromQueues` when its argument is "process" */
  static async start(program: string, kind: Queues, slots: number): Promise<Slots> {
    const started = new Slots(program, kind, slots, await bindQueues(kind, slots));
    await Promise.all(started.#children.map((_, slot) => started.#begin(slot)));
    return started;
  }

  /** Kills a slot's process and starts the next one a while later. False when there is none just now. */
  kill(slot: number): boolean {
    const child = this.#children[slot];
    if (!child) return false;
    child.once("exit", async () => {
      this.#children[slot] = undefined;
      for (const [queue, holder] of this.#holders.entries()) if (holder === slot) this.#holders[queue] = undefined;
      this.#assign();
      await pass(RESTART_MS);
      if (!this.#ended) await this.#begin(slot);
    });
    return child.kill("SIGKILL");
  }

  /** Stops a slot's process for so many ms. */
  stall(slot: number, ms: number): void {
    const child = this.#children[slot];
    child?.kill("SIGSTOP");
    setTimeout(() => child?.kill("SIGCONT"), ms);
  }

  /** That all processes have taken so far, in ms. */
  processorTime(): number {
    return this.#children.reduce((sum, child) => sum + (child?.pid === undefined ? 0 : processorTime(child.pid)), 0);
  }

  end(): void {
    this.#ended = true;
    for (const child of this.#children) child?.kill("SIGKILL");
  }

  async #begin(slot: number): Promise<void> {
    const child = fork(this.#program, ["process"]);
    await Promise.race([once(child, "message"), once(child, "exit")]);
    this.#children[slot] = child;
    const [shared] = this.#sockets;
    if (this.#kind === "shared" && shared) give(child, slot, 0, shared);
    else this.#assign();
  }

  /** Each queue is its own slot's, or while that is down the next one's that is there. */
  #assign(): void {
    if (this.#kind === "shared") return;
    for (const [queue, socket] of this.#sockets.entries()) {
      const order = this.#children.map((_, ahead) => (queue + ahead) % this.#children.length);
      const wanted = order.find((slot) => this.#children[slot] !== undefined);
      const holder = this.#holders[queue];
      if (wanted === undefined || wanted === holder) continue;
      const [next, before] = [this.#children[wanted], holder === undefined ? undefined : this.#children[holder]];
      if (next) give(next, wanted, queue, socket);
      if (before) takeBack(before, queue);
      this.#holders[queue] = wanted;
    }
  }
}
