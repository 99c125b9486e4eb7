// Puts load on a running server from a process of its own, and looks at the server's processor time at both ends.
import { type ChildProcess, spawn } from "node:child_process";
import { on, once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LoadPlan, LoadReply, LoadSeen } from "../load/wire.ts";
import { type Cores, canPin, pinned } from "./pin.ts";
import { canRead } from "./process-tree.ts";
import type { Server } from "./server.ts";

const program = fileURLToPath(new URL("../load/load-main.js", import.meta.url));

/** What the load saw, and what it took of the server. */
export interface Loaded extends LoadSeen {
  /** The server's processor time, in ms; null where the system does not tell. */
  readonly serverMs: number | null;
  /** What a reader has to know about it. */
  readonly notes: readonly string[];
}

/** A load that is being put on a server. It owns its process until it is disposed of: until then its connections stay. */
export class Load implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #server: Server;
  readonly #cores: Cores;

  private constructor(child: ChildProcess, server: Server, cores: Cores) {
    this.#child = child;
    this.#server = server;
    this.#cores = cores;
  }

  static start(server: Server, plan: LoadPlan, cores: Cores = "load"): Load {
    const [command, ...args] = pinned(cores, [process.execPath, program]);
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    child.send({ ...plan, port: server.port });
    return new Load(child, server, cores);
  }

  /** Resolves when the measured time is over. */
  async result(): Promise<Loaded> {
    const ended = new AbortController();
    this.#child.once("exit", () => ended.abort(new Error("the load's process ended before it had a result")));
    let before = 0;
    for await (const [reply] of on(this.#child, "message", { signal: ended.signal }) as AsyncIterable<[LoadReply]>) {
      if (reply.at === "begin") before = canRead ? this.#server.processorTime() : 0;
      else if (reply.at === "failed") throw new Error(`the load failed: ${reply.message}`);
      else return this.#loaded(reply.seen, canRead ? this.#server.processorTime() - before : null);
    }
    throw new Error("unreachable: the loop ends with a result or an error");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  #loaded(seen: LoadSeen, serverMs: number | null): Loaded {
    const notes: string[] = [];
    if (!canPin) notes.push("nothing is kept to a core: server and load may share one");
    const serverBusy = serverMs === null ? null : serverMs / 1000 / seen.seconds;
    // On cores that they share, either one is the other's limit.
    if (this.#cores === "load" && seen.busy > 0.95 && serverBusy !== null && serverBusy < 0.9) {
      notes.push("the load was the limit: its core was full and the server's was not, so the server can do more");
    }
    if (seen.errors > 0) notes.push("connections failed while it was measured");
    return { ...seen, serverMs, notes };
  }
}

/** Puts load on a server and takes it away. */
export async function putLoad(server: Server, plan: LoadPlan, cores: Cores = "load"): Promise<Loaded> {
  await using load = Load.start(server, plan, cores);
  return await load.result();
}
