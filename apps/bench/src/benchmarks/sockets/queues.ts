// The listening sockets of a service, held by whoever starts its processes, and who accepts from which.
import type { ChildProcess, SendHandle } from "node:child_process";
import * as net from "node:net";
import { createServer } from "node:net";

/** `shared`: one socket for all slots. `slots`: an SO_REUSEPORT socket for each. */
export type Queues = "shared" | "slots";

/** What a process is told, with a duplicate of a socket. */
export type ToProcess =
  | { readonly do: "accept"; readonly slot: number; readonly queue: number }
  /** Accept from it no more. */
  | { readonly do: "leave"; readonly queue: number };

interface Bound {
  getsockname(out: { port?: number }): number;
}

/** libuv's UV_TCP_REUSEPORT; `listen({ reusePort })` has it, but accepts at once. */
const REUSE_PORT = 2;
const HOST = "127.0.0.1";

/** Binds one socket, or one for each slot, without accepting. */
export async function bindQueues(kind: Queues, slots: number): Promise<{ port: number; sockets: readonly Bound[] }> {
  const flags = kind === "shared" ? 0 : REUSE_PORT;
  const first = bind(0, flags);
  const bound: { port?: number } = {};
  first.getsockname(bound);
  const port = bound.port ?? 0;
  const others = kind === "shared" ? [] : Array.from({ length: slots - 1 }, () => bind(port, flags));
  return { port, sockets: [first, ...others] };
}

/** Has a process accept from a socket, as the slot of that number. */
export function give(child: ChildProcess, slot: number, queue: number, socket: Bound): void {
  const message: ToProcess = { do: "accept", slot, queue };
  // One that was killed meanwhile has no channel any more.
  if (child.connected) child.send(message, socket as Bound & SendHandle, () => {});
}

/** Has a process accept from a socket no more. */
export function takeBack(child: ChildProcess, queue: number): void {
  const message: ToProcess = { do: "leave", queue };
  if (child.connected) child.send(message, () => {});
}

/** The other end: in a process, accepts and answers each message with the slot's number. */
export function acceptFromQueues(): void {
  const servers = new Map<number, net.Server>();
  process.on("message", (told: ToProcess, socket: unknown) => {
    if (told.do === "leave") {
      servers.get(told.queue)?.close();
      servers.delete(told.queue);
      return;
    }
    const reply = Buffer.from([told.slot]);
    const server = createServer((connection) => {
      connection.on("data", () => connection.write(reply));
      connection.on("error", () => {});
    });
    servers.set(told.queue, server);
    server.listen(socket as net.Server, 4_096);
  });
  // Whoever started it may be gone by now.
  process.send?.("ready", undefined, undefined, () => {});
  process.on("disconnect", () => process.exit());
}

function bind(port: number, flags: number): Bound {
  const { _createServerHandle } = net as unknown as {
    _createServerHandle(host: string, port: number, family: 4, fd: undefined, flags: number): Bound | number;
  };
  const bound = _createServerHandle(HOST, port, 4, undefined, flags);
  if (typeof bound === "number") throw new Error(`cannot bind ${HOST}:${port}: ${bound}`);
  return bound;
}
