import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { defaultRestart, type UnitEvent } from "@plait/policy";
import { afterEach, expect, test } from "vitest";
import { ThreadGroup, type ThreadGroupOptions } from "../src/thread-group.ts";

const filename = fileURLToPath(new URL("./fixtures/echo-thread.ts", import.meta.url));
const restart = { ...defaultRestart.thread, backoff: { initial: 1, factor: 1, cap: 1, resetAfter: 60_000 } };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A group of two threads behind a listening port. */
async function serving(options: Partial<ThreadGroupOptions> = {}) {
  const events: UnitEvent[] = [];
  const waiting = new Set<() => void>();
  const group = await ThreadGroup.start({
    units: ["p1.t1", "p1.t2"],
    filename,
    data: {},
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
  const server: Server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    group.serve(socket, "main").catch(() => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const until = (wanted: (event: UnitEvent) => boolean) =>
    new Promise<UnitEvent>((resolve) => {
      const look = () => {
        const found = events.find(wanted);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { group, port, events, until };
}

async function client(
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

test("connections go to the thread with the fewest", async () => {
  const { port } = await serving();
  const units = new Map<string, number>();
  for (let i = 0; i < 10; i++) {
    const { ask } = await client(port);
    const [unit = ""] = (await ask("hello")).split(" ");
    units.set(unit, (units.get(unit) ?? 0) + 1);
  }
  expect(Object.fromEntries(units)).toEqual({ "p1.t1": 5, "p1.t2": 5 });
});

test.each([
  ["an uncaught error from a timer", "throw", "crashed", "uncaught Error: boom"],
  ["an unhandled rejection", "reject", "crashed", "uncaught Error: nobody catches this"],
  ["process.exit", "exit", "crashed", "called process.exit(3)"],
])("%s ends one thread only; it comes back, and what it lost is counted", async (_, order, cause, text) => {
  const { group, port, until } = await serving();
  const [first, second, third] = [await client(port), await client(port), await client(port)];
  expect(await first.ask("a")).toBe("p1.t1 a");
  expect(await second.ask("b")).toBe("p1.t2 b");
  expect(await third.ask("c")).toBe("p1.t1 c");

  first.socket.write(order);
  await Promise.all([first.closed, third.closed]);
  expect(await until((event) => event.type === "exited")).toMatchObject({ unit: "p1.t1", exit: { cause, text } });
  await until((event) => event.type === "ready" && event.incarnation === 2);
  expect(await second.ask("still here")).toBe("p1.t2 still here");
  expect(await (await client(port)).ask("new")).toBe("p1.t1 new");
  expect((await group.stats(1000)).get("p1.t1")).toMatchObject({ lost: 2, connections: 1 });
});

test("a module that fails to load is an error with its cause, not a group that hangs", async () => {
  const error = await serving({ data: { fail: "no such table" } }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "ERR_PLAIT_THREAD_START",
    message: expect.stringMatching(/^p1\.t[12] failed to start: no such table$/),
  });
  expect((error as Error).cause).toMatchObject({ code: "ERR_PLAIT_TEST", cause: { message: "why" } });
});

test("a module that is missing is an error within the start timeout", async () => {
  const failed = serving({ filename: "/nowhere/thread.ts", startTimeout: 2000 });
  await expect(failed).rejects.toMatchObject({ code: "ERR_PLAIT_THREAD_START" });
});

test("a thread that never becomes ready is ended at the start timeout", async () => {
  const failed = serving({ data: { hang: true }, startTimeout: 300 });
  await expect(failed).rejects.toThrow("p1.t1 was not ready within 300 ms");
});

test("a thread that keeps dying is given up, and the group ends", async () => {
  const { port, until, group } = await serving({ restart: { ...restart, intensity: 1 } });
  for (let round = 0; round < 3; round++) {
    await until((event) => event.type === "ready" && event.unit === "p1.t1" && event.incarnation === round + 1);
    (await client(port)).socket.write("throw");
  }
  expect(await until((event) => event.type === "gave-up")).toMatchObject({ type: "gave-up" });
  expect(group.hasRoom).toBe(false);
});

test("the cap of coroutines is kept, and room is announced when a connection ends", async () => {
  let rooms = 0;
  const announced = Promise.withResolvers<void>();
  const { group, port } = await serving({
    coroutines: 1,
    onRoom: () => {
      if (++rooms === 3) announced.resolve();
    },
  });
  const [first, second] = [await client(port), await client(port)];
  await first.ask("a");
  await second.ask("b");
  expect(group.hasRoom).toBe(false);
  first.socket.destroy();
  await announced.promise;
  expect(group.hasRoom).toBe(true);
});

test("a stop waits for what is in flight, then ends the threads", async () => {
  const { group, port } = await serving();
  const { socket, ask } = await client(port);
  await ask("hello");
  const stopped = group.stop({ drain: 10_000, cancel: 1000 }, new AbortController().signal);
  expect(await ask("still served")).toBe("p1.t1 still served");
  socket.end();
  socket.destroy();
  await stopped;
  expect(group.slots.map((slot) => slot.state)).toEqual(["stopped", "stopped"]);
});

test("hurrying a stop cancels what is in flight", async () => {
  const { group, port } = await serving();
  const { ask, closed } = await client(port);
  await ask("hello");
  const hurry = new AbortController();
  const stopped = group.stop({ drain: 60_000, cancel: 1000 }, hurry.signal);
  hurry.abort();
  await Promise.all([stopped, closed]);
});
