// Starts a server pinned to one core, and puts load on it from this process.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Scenario } from "./scenario.ts";

const program = fileURLToPath(new URL("server.js", import.meta.url));
/** Pins the server to the first core where the system can; the load is best started on another one. */
const pin = spawnSync("taskset", ["-c", "0", "true"]).status === 0 ? ["taskset", "-c", "0"] : [];
const WARM_UP_MS = 1000;

/** What a server says of itself. */
export interface Usage {
  readonly cpuMs: number;
  readonly rss: number;
  readonly heap: number;
}

export class Server implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(rival: "plait" | "raw", service: string): Promise<Server> {
    const [command = "", ...args] = [...pin, process.execPath, "--expose-gc", program, rival, service];
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const [{ port }] = await once(child, "message");
    return new Server(child, port);
  }

  async usage(): Promise<Usage> {
    this.#child.send("usage");
    return (await once(this.#child, "message"))[0] as Usage;
  }

  async connect(onBytes: (socket: Socket, count: number) => void): Promise<Socket> {
    const buffer = Buffer.allocUnsafe(256 * 1024);
    const socket: Socket = connect({
      port: this.port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer,
        callback(count) {
          onBytes(socket, count);
          return true;
        },
      },
    });
    await once(socket, "connect");
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.disconnect();
    await once(this.#child, "exit");
  }
}

/** Messages a second, and messages a second of the server's processor time. */
export async function throughput(
  rival: "plait" | "raw",
  scenario: Scenario,
  ms: number,
): Promise<{ perSecond: number; perCpuSecond: number }> {
  await using server = await Server.start(rival, scenario.service);
  const { message, counts } = scenario;
  let messages = 0;
  const sockets: Socket[] = [];
  for (let i = 0; i < scenario.connections; i++) {
    let received = 0;
    const socket = await server.connect((self, count) => {
      received += count;
      if (received < message.length) return;
      received -= message.length;
      messages += counts;
      self.write(message);
    });
    sockets.push(socket);
    socket.write(message);
  }
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const before = await server.usage();
  const began = performance.now();
  messages = 0;
  await new Promise((resolve) => setTimeout(resolve, ms));
  const seconds = (performance.now() - began) / 1000;
  const counted = messages;
  const after = await server.usage();
  for (const socket of sockets) socket.destroy();
  return { perSecond: counted / seconds, perCpuSecond: (counted * 1000) / (after.cpuMs - before.cpuMs) };
}

/** Bytes an idle connection costs the server, once it has been spoken to. */
export async function idleBytes(rival: "plait" | "raw", connections: number): Promise<{ rss: number; heap: number }> {
  await using server = await Server.start(rival, "echo");
  const before = await server.usage();
  const sockets: Socket[] = [];
  while (sockets.length < connections) {
    const batch = Array.from({ length: 250 }, async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const socket = await server.connect(() => resolve());
      sockets.push(socket);
      socket.write("x");
      await promise;
    });
    await Promise.all(batch);
  }
  await server.usage();
  const after = await server.usage();
  for (const socket of sockets) socket.destroy();
  return { rss: (after.rss - before.rss) / sockets.length, heap: (after.heap - before.heap) / sockets.length };
}
