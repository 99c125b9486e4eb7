// A group of real threads behind a real port, and its clients, for the tests.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { defaultRestart } from "@plait/policy";
import { afterEach } from "vitest";
import { type ThreadEvent, ThreadGroup, type ThreadGroupOptions } from "../src/thread-group.ts";

/** Path of a fixture. */
export const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));
export const restart = { ...defaultRestart.thread, backoff: { initial: 1, factor: 1, cap: 1, resetAfter: 60_000 } };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A group of two threads behind a listening port. */
export async function serving(options: Partial<ThreadGroupOptions> = {}) {
  const events: ThreadEvent[] = [];
  const waiting = new Set<() => void>();
  const group = await ThreadGroup.start({
    units: ["p1.t1", "p1.t2"],
    filename: fixture("echo-thread"),
    data: () => ({}),
    coroutines: 100,
    startTimeout: 10_000,
    restart,
    onRoom: () => {},
    ...options,
    onEvent: (event) => {
      events.push(event);
      for (const look of waiting) look();
    },
  });
  cleanups.push(() => group.kill());
  let connections = 0;
  const arrivals = new Set<() => void>();
  /** What was told of each connection's end, in the order in which they were accepted: one outcome each, in the end. */
  const ends: (string | undefined)[][] = [];
  const server: Server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    connections++;
    for (const look of arrivals) look();
    if (!group.hasRoom) return void socket.destroy();
    const told: (string | undefined)[] = [];
    ends.push(told);
    group.serve(socket, "main", undefined, (outcome) => told.push(outcome));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const until = (wanted: (event: ThreadEvent) => boolean) =>
    new Promise<ThreadEvent>((resolve) => {
      const look = () => {
        const found = events.find(wanted);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  /** Resolves in the accept of the connection that makes it so many. */
  const accepted = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (connections < count) return;
        arrivals.delete(look);
        resolve();
      };
      arrivals.add(look);
      look();
    });
  return { group, port, events, until, accepted, ends };
}

export async function client(
  port: number,
): Promise<{ socket: Socket; ask(text: string): Promise<string>; closed: Promise<unknown> }> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const closed = once(socket, "close");
  cleanups.push(() => socket.destroy());
  await once(socket, "connect");
  return {
    socket,
    closed,
    ask: async (text) => {
      socket.write(text);
      const [chunk] = (await once(socket, "data")) as [Buffer];
      return String(chunk);
    },
  };
}
