// Threads that accept for themselves, over TCP and over a unix socket: what they leave in the kernel's queue, and changes
// while they serve.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pause } from "./pause.ts";
import { Client, type RunningSupervisor } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

const ways = { tcp: { host: "127.0.0.1", port: 0, accept: "direct" }, unix: { path: "./main.sock" } } as const;

/** One listener, and where clients find it. */
async function start(way: keyof typeof ways, config: object, options: object = {}, onTestFinished?: AtEnd) {
  const deployed = new VersionedService(configured(way, config, options), onTestFinished);
  const running = await deployed.running;
  return { deployed, running, to: way === "tcp" ? running.port : join(deployed.folder, "main.sock") };
}

type AtEnd = ConstructorParameters<typeof VersionedService>[1];

function configured(way: keyof typeof ways, config: object, options: object = {}) {
  const main = { ...ways[way], ...options };
  // A unix socket beside a TCP listener whose connections are handed over: both ways at once.
  const listen = way === "tcp" ? { main } : { main, other: "127.0.0.1:0" };
  return { topology: { processes: 1, threads: 2 }, ...config, listen };
}

/** Clients that have connected and asked; the answers come when they are accepted. */
async function asking(to: number | string, count: number) {
  const clients = await Promise.all(Array.from({ length: count }, () => Client.connect(to)));
  return clients.map((client) => ({ client, answer: client.ask("here") }));
}

/** Resolves when so many connections are open in the only process and its threads say the same, with what it says then. */
async function opened(running: RunningSupervisor, connections: number) {
  for (;;) {
    const [process] = await running.processes();
    const inThreads = process?.threads.reduce((sum, thread) => sum + thread.connections, 0);
    if (process?.connections === connections && inThreads === connections) return process;
    await pause();
  }
}

describe.each(["tcp", "unix"] as const)("%s", (way) => {
  test.concurrent("past the coroutines of all threads connections wait in the kernel's queue, and are served later", async ({
    onTestFinished,
  }) => {
    const topology = { processes: 1, threads: 2, coroutines: 2 };
    const { running, to } = await start(way, { topology }, {}, onTestFinished);
    const clients = await asking(to, 24);
    const first = await opened(running, 4);
    const descriptors = () => readdirSync(`/proc/${first.pid}/fd`).length;
    const before = descriptors();
    expect(first).toMatchObject({ total: 4, waiting: 0, full: true });
    expect(first.threads.map(({ connections }) => connections)).toEqual([2, 2]);
    // One leaves, one comes in; and so on until all have been served.
    const left = new Set(clients);
    while (left.size > 0) {
      const next = await Promise.race([...left].map(async (each) => ({ each, text: await each.answer })));
      expect(next.text).toBe("HERE");
      expect((await running.processes())[0]?.connections).toBeLessThanOrEqual(4);
      left.delete(next.each);
      next.each.client.socket.end();
      expect(await next.each.client.closed).toBe("closed");
    }
    expect(await opened(running, 0)).toMatchObject({ total: 24, lost: 0, full: false, outcomes: { served: 24 } });
    expect(descriptors()).toBeLessThanOrEqual(before);
  }, 40_000);

  test.concurrent("limits change by a reload, a listener is suspended and resumed, and nothing is replaced", async ({
    onTestFinished,
  }) => {
    const limits = (connections: number) => ({ limits: { connections, overload: "queue" } });
    const { deployed, running, to } = await start(way, {}, limits(3), onTestFinished);
    const clients = await asking(to, 6);
    expect(await opened(running, 3)).toMatchObject({ total: 3, waiting: 0 });
    deployed.configure(configured(way, {}, limits(5)));
    expect(await running.call("reload", {})).toEqual({ adjusted: ["versioned"] });
    await opened(running, 5);

    await running.call("suspend", { service: "versioned", listener: "main" });
    deployed.configure(configured(way, {}));
    expect(await running.call("reload", {})).toEqual({ adjusted: ["versioned"] });
    expect(await opened(running, 5)).toMatchObject({ total: 5 });
    await running.call("resume", {});
    expect(await Promise.all(clients.map(({ answer }) => answer))).toEqual(Array(6).fill("HERE"));
    expect((await running.processes()).map(({ incarnation }) => incarnation)).toEqual([1]);
    for (const { client } of clients) client.socket.end();
    await opened(running, 0);

    // A thread that starts while the listener is suspended leaves it alone too.
    await running.call("suspend", {});
    await running.call("restart", { unit: "p1.t1" });
    const late = await asking(to, 4);
    expect((await running.processes())[0]?.total).toBe(6);
    await running.call("resume", {});
    expect(await Promise.all(late.map(({ answer }) => answer))).toEqual(Array(4).fill("HERE"));
  }, 40_000);

  test.concurrent("threads are scaled and replaced, and processes reloaded, under load: nobody notices, no descriptor is left", async ({
    onTestFinished,
  }) => {
    const { deployed, running, to } = await start(way, {}, {}, onTestFinished);
    let going = true;
    const clients = [1, 2, 3].map(async () => {
      for (let served = 0; ; served++) {
        if (!going) return served;
        const client = await Client.connect(to);
        expect(await client.ask("hello")).toBe("HELLO");
        client.socket.end();
        expect(await client.closed).toBe("closed");
      }
    });
    const change = async () => {
      await running.call("scale-threads", { threads: 3 });
      await running.call("restart", { unit: "p1.t1" });
      await running.call("scale-threads", { threads: 2 });
    };
    await change();
    const [{ pid } = { pid: null }] = await running.processes();
    const descriptors = () => readdirSync(`/proc/${pid}/fd`).length;
    const before = descriptors();
    for (let times = 0; times < 3; times++) await change();
    expect(descriptors()).toBeLessThan(before + 10);
    deployed.deploy("2");
    await running.call("reload", {});
    going = false;
    expect((await Promise.all(clients)).every((served) => served > 0)).toBe(true);
    const [process] = await running.processes();
    expect(process).toMatchObject({ lost: 0, incarnation: 2 });
    const { served = 0, goodbye = 0, ...others } = process?.outcomes ?? {};
    expect(served + goodbye).toBe(process?.total);
    expect(Object.values(others).every((count) => count === 0)).toBe(true);
  }, 60_000);
});
