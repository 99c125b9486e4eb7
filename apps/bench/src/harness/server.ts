// A server under test: a program of its own, from its start to its end.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { type Cores, pinned } from "./pin.ts";
import { anonymousMemory, memory, processorTime } from "./process-tree.ts";

export interface ServerProgram {
  /** The command that serves on the given port of 127.0.0.1 until it gets a SIGTERM. */
  readonly command: (port: number) => readonly string[];
  readonly cores?: Cores;
  /** What it writes when all of it is ready, where that is later than its first connection. */
  readonly announces?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const POLL_MS = 2;
const START_MS = 45_000;
const STOP_MS = 10_000;

/** Programs that run now: none of them outlives a run that is interrupted. */
const running = new Set<number>();
process.once("exit", endServers);

/** Ends every server that runs now, for a measurement that has been given up. */
export function endServers(): void {
  running.forEach(killGroup);
}

/** A running server. It owns its program until it is disposed of. */
export class Server implements AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** From the start of its program to the first connection that it took, in ms. */
  readonly startedInMs: number;
  readonly #child: ChildProcess;
  readonly #output: string[];

  private constructor(child: ChildProcess, output: string[], port: number, startedInMs: number) {
    this.#child = child;
    this.#output = output;
    this.port = port;
    this.pid = child.pid ?? 0;
    this.startedInMs = startedInMs;
    running.add(this.pid);
  }

  /** Starts a program and waits until it takes connections. Rejects with what it wrote when it ends before. */
  static async start({ command, cores = "server", env = {}, announces = "" }: ServerProgram): Promise<Server> {
    const port = await freePort();
    const [program, ...args] = pinned(cores, command(port));
    const began = performance.now();
    // A group of its own, so that whatever it starts ends with it.
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      detached: true,
    });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => keep(output, bytes));
    const failed = once(child, "error").then(([error]) => Promise.reject(error));
    const server = new Server(child, output, port, 0);
    let startedInMs: number;
    try {
      await Promise.race([failed, server.#until(() => takes(port), began)]);
      startedInMs = performance.now() - began;
      await server.#until(async () => server.output.includes(announces), began);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    failed.catch(() => {});
    return new Server(child, output, port, startedInMs);
  }

  /** Processor time since its start, with everything it started, in ms. */
  processorTime(): number {
    return processorTime(this.pid);
  }

  /** Memory, with everything it started, in bytes. */
  memory(): number {
    return memory(this.pid);
  }

  /** The same without its program's files; see `anonymousMemory`. */
  anonymousMemory(): number {
    return anonymousMemory(this.pid);
  }

  /** Sends a signal to the program itself. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** What it wrote last. */
  get output(): string {
    return this.#output.join("").trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.pid === 0) return;
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, "exit");
      const timer = setTimeout(() => killGroup(this.pid), STOP_MS);
      this.#child.kill("SIGTERM");
      await exited;
      clearTimeout(timer);
    }
    // What it left behind would disturb the next one.
    killGroup(this.pid);
    running.delete(this.pid);
  }

  async #until(done: () => Promise<boolean>, began: number): Promise<void> {
    while (!(await done())) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`the server ended before it served: ${this.output || "it wrote nothing"}`);
      }
      if (performance.now() - began > START_MS) throw new Error(`the server did not serve within ${START_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no address of a TCP server");
  return address.port;
}

function takes(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function keep(output: string[], bytes: Buffer): void {
  output.push(bytes.toString());
  if (output.length > 20) output.shift();
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended as a whole.
  }
}
