// Runs the real supervisor command as a child program, the way a user does.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ControlClient, type ControlCommands, type ProcessStatus, type SupervisorStatus } from "@plait/supervisor";
import { onTestFinished } from "vitest";
import { pause } from "./pause.ts";

export const bin: string = fileURLToPath(new URL("../bin/supervisor.js", import.meta.url));
export const here: string = fileURLToPath(new URL(".", import.meta.url));

export function service(name: string): string {
  return join(here, "services", name);
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly cwd?: string;
  /** Where control sockets go; programs that should find each other share one. */
  readonly runtime?: string;
  /** Environment variables besides this program's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** A program, with arguments, that executes the command that follows as its last act. */
  readonly launcher?: readonly string[];
  /**
   * When what was started ends. A concurrent test gives its own `onTestFinished`: the global one, which is the default,
   * means whichever test began last. Several tests that share a supervisor give `sharing`.
   */
  readonly onTestFinished?: AtEnd;
}

/** Has a clean-up run at the end. */
export type AtEnd = (cleanup: () => void | Promise<void>) => void;

/** Clean-ups of what the tests of a suite share: `onTestFinished: shared.add` and `afterAll(shared.end)`. */
export function sharing(): { readonly add: AtEnd; readonly end: () => Promise<void> } {
  const cleanups: (() => void | Promise<void>)[] = [];
  return {
    add: (cleanup) => void cleanups.push(cleanup),
    end: async () => {
      for (const cleanup of cleanups.reverse()) await cleanup();
    },
  };
}

/** What Node compiled of the programs under test, kept from run to run: it saves up to a quarter of their start. */
const compileCache = join(tmpdir(), "plait-test-compile-cache");

/** A program under way: its output so far, and waiting for more of it. */
export class Program {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  stdout = "";
  stderr = "";
  readonly #watchers = new Set<() => void>();

  constructor(args: readonly string[], { cwd = here, runtime, env, launcher = [] }: ProgramOptions) {
    const [program = "", ...rest] = [...launcher, process.execPath, bin, ...args];
    this.child = spawn(program, rest, {
      cwd,
      env: {
        ...process.env,
        NO_COLOR: "1",
        NODE_COMPILE_CACHE: compileCache,
        ...(runtime && { XDG_RUNTIME_DIR: runtime }),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (chunk) => this.#grow({ stdout: String(chunk) }));
    this.child.stderr?.on("data", (chunk) => this.#grow({ stderr: String(chunk) }));
    this.exited = once(this.child, "close").then(([code, signal]) => {
      for (const look of this.#watchers) look();
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** Resolves with the match as soon as the output has one; rejects when the program ends without. */
  until(pattern: RegExp, stream: "stdout" | "stderr" = "stderr"): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this[stream]);
        const ended = this.child.exitCode !== null || this.child.signalCode !== null;
        if (!match && !ended) return;
        this.#watchers.delete(look);
        if (match) resolve(match);
        else reject(new Error(`the program ended without ${pattern}:\n${this.stdout}\n${this.stderr}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  #grow({ stdout = "", stderr = "" }: { stdout?: string; stderr?: string }): void {
    this.stdout += stdout;
    this.stderr += stderr;
    for (const look of this.#watchers) look();
  }
}

/** Runs one command to its end. */
export function supervisor(args: readonly string[], options: ProgramOptions = {}): Promise<Exit> {
  return new Program(args, options).exited;
}

/** A supervisor that serves; the test's end ends it, whatever state it is in. */
export class RunningSupervisor extends Program {
  readonly runtime: string;
  port = 0;

  static async start(args: readonly string[], options: ProgramOptions = {}): Promise<RunningSupervisor> {
    const onFinished = options.onTestFinished ?? onTestFinished;
    const runtime = options.runtime ?? temporaryFolder(onFinished);
    const running = new RunningSupervisor(["start", ...args], { ...options, runtime });
    onFinished(async () => {
      running.child.kill("SIGKILL");
      await running.exited;
    });
    await running.until(/stop {2}Ctrl-C/, "stdout");
    const [, port = "0"] = await running.until(/:(\d+)/, "stdout");
    running.port = Number(port);
    return running;
  }

  private constructor(args: readonly string[], options: ProgramOptions & { runtime: string }) {
    super(args, options);
    this.runtime = options.runtime;
  }

  async status(): Promise<SupervisorStatus> {
    return this.call("status", {});
  }

  /** The path of its control socket. */
  get socket(): string {
    const [, name = ""] = /^supervisor (\S+), /m.exec(this.stdout) ?? [];
    return join(this.runtime, "plait", `${name}.sock`);
  }

  /** Asks its control socket, as the commands do. */
  async call<C extends keyof ControlCommands>(
    command: C,
    params: ControlCommands[C]["params"],
  ): Promise<ControlCommands[C]["result"]> {
    using client = await ControlClient.open(this.socket);
    return await client.call(command, params);
  }

  /** The processes of the only service. */
  async processes(): Promise<readonly ProcessStatus[]> {
    return (await this.status()).services[0]?.processes ?? [];
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** A folder that goes away with the test. */
export function temporaryFolder(onFinished: AtEnd = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), "plait-test-"));
  onFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Connects until the address refuses. */
export async function refused(port: number): Promise<void> {
  for (;;) {
    const client = new Client(port);
    client.socket.once("connect", () => client.socket.destroy());
    if ((await client.closed) === "refused") return;
    await pause();
  }
}

/** A connected client; the end of its supervisor ends it too. */
export class Client {
  readonly socket: Socket;
  readonly closed: Promise<"closed" | "reset" | "refused">;
  #received = "";
  #watchers = new Set<() => void>();

  static async connect(to: number | string): Promise<Client> {
    const client = new Client(to);
    await once(client.socket, "connect");
    return client;
  }

  /** @param to a port of this machine, or the path of a unix socket */
  constructor(to: number | string) {
    this.socket = connect(typeof to === "string" ? { path: to } : { port: to, host: "127.0.0.1", noDelay: true });
    let outcome: "closed" | "reset" | "refused" = "closed";
    this.socket.on("data", (chunk) => {
      this.#received += chunk.toString("latin1");
      for (const look of this.#watchers) look();
    });
    this.socket.on("error", (error: NodeJS.ErrnoException) => {
      outcome = error.code === "ECONNREFUSED" ? "refused" : "reset";
    });
    this.closed = new Promise((resolve) => {
      this.socket.on("close", () => {
        resolve(outcome);
        for (const look of this.#watchers) look();
      });
    });
  }

  /** Sends, and resolves with as many bytes as were sent, or with the first line when a line is asked for. */
  async ask(text: string, answer: "same length" | "line" = "same length"): Promise<string> {
    const complete = () => (answer === "line" ? this.#received.indexOf("\n") + 1 : text.length);
    this.socket.write(text, "latin1");
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        const length = complete();
        if (length > 0 && this.#received.length >= length) resolve();
        else if (this.socket.destroyed) reject(new Error("the connection ended before the reply"));
        else return;
        this.#watchers.delete(look);
      };
      this.#watchers.add(look);
      look();
    });
    const reply = this.#received.slice(0, complete());
    this.#received = this.#received.slice(reply.length);
    return reply;
  }
}
