// What a listener does at its limits, which are counted over all threads of a process.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client, RunningSupervisor, service, temporaryFolder } from "./supervisor-program.ts";

const THREADS = 2;

const limits = {
  close: { connections: 2, overload: "close" },
  reset: { connections: 2, overload: "reset" },
  farewell: { connections: 2, overload: { farewell: "full\n" } },
  queue: { connections: 2, overload: "queue" },
  address: { perAddress: { max: 2 }, overload: { farewell: "too many of you\n" } },
  rate: { acceptRate: { perSecond: 0.001, burst: 2 } },
  slow: { minReadRate: { bytesPerSecond: 1000, grace: "100ms" } },
} as const;

type Name = keyof typeof limits;

/** One supervisor with a listener for each kind of limit, all served by the same two threads. */
async function start(): Promise<{ running: RunningSupervisor; ports: Readonly<Record<Name, number>> }> {
  const file = join(temporaryFolder(), "supervisor.config.json");
  const listen = Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => [name, { host: "127.0.0.1", port: 0, limits: limit }]),
  );
  const topology = { processes: 1, threads: THREADS };
  writeFileSync(file, JSON.stringify({ entry: service("talkative.ts"), topology, listen }));
  const running = await RunningSupervisor.start([file]);
  const { listeners } = (await running.status()).services[0] ?? { listeners: [] };
  const ports = Object.fromEntries(listeners.map(({ name, address }) => [name, Number(address.split(":").at(-1))]));
  return { running, ports: ports as Record<Name, number> };
}

/** The thread that serves a client. */
async function threadOf(client: Client): Promise<string> {
  return (await client.ask("who\n", "line")).replace(/\.c\d+\n$/, "");
}

/** Two connections, one on each thread: what a thread counts for itself is below every limit. */
async function oneOnEachThread(port: number): Promise<readonly [Client, Client]> {
  const clients = [await Client.connect(port), await Client.connect(port)] as const;
  expect(new Set([await threadOf(clients[0]), await threadOf(clients[1])]).size).toBe(THREADS);
  return clients;
}

async function leave(...clients: Client[]): Promise<void> {
  for (const client of clients) client.socket.end();
  await Promise.all(clients.map(({ closed }) => closed));
}

/** A thread takes a connection off its account a moment after the client has seen the end. */
async function nobodyLeft(running: RunningSupervisor): Promise<void> {
  while ((await running.processes())[0]?.connections !== 0);
}

/** Connects until it is let in: a connection is counted until its descriptor is gone, which its client can't see. */
async function letIn(port: number): Promise<Client> {
  for (;;) {
    const client = new Client(port);
    const reply = await client.ask("who\n", "line").catch(() => "");
    if (reply.startsWith("p1.")) return client;
    client.socket.destroy();
  }
}

test("limits hold over two threads, and each way to meet them does what it says", async () => {
  const { running, ports } = await start();

  for (const [name, ending, text] of [
    ["close", "closed", ""],
    ["reset", "reset", ""],
    ["farewell", "closed", "full\n"],
  ] as const) {
    const inside = await oneOnEachThread(ports[name]);
    const late = new Client(ports[name]);
    if (text !== "") expect(await late.ask("", "line")).toBe(text);
    expect(await late.closed, name).toBe(ending);
    for (const client of inside) expect(await client.ask("still here\n", "line")).toMatch(/^p1\./);
    await leave(inside[0]);
    await leave(inside[1], await letIn(ports[name]));
    await nobodyLeft(running);
  }

  const queued = await oneOnEachThread(ports.queue);
  const waiting = new Client(ports.queue);
  const answered = threadOf(waiting);
  expect(await Promise.race([answered, threadOf(queued[0])])).toBe(await threadOf(queued[0]));
  expect((await running.processes())[0]).toMatchObject({ connections: 2 });
  await leave(queued[0]);
  expect(await answered).toMatch(/^p1\./);
  await leave(queued[1], waiting);
  await nobodyLeft(running);

  // More than both threads take in together, however they are spread.
  const { burst } = limits.rate.acceptRate;
  const arriving = Array.from({ length: burst * THREADS + 3 }, () => new Client(ports.rate));
  const arrived = await Promise.all(arriving.map((client) => threadOf(client).catch(() => "refused")));
  const admitted = arrived.filter((thread) => thread !== "refused");
  expect(admitted.length).toBeGreaterThanOrEqual(burst);
  for (const thread of new Set(admitted)) {
    expect(admitted.filter((each) => each === thread).length).toBeLessThanOrEqual(burst);
  }
  await leave(...arriving);

  const dripping = await Client.connect(ports.slow);
  const patient = await Client.connect(ports.slow);
  const drip = setInterval(() => dripping.socket.write("x"), 20);
  await dripping.closed;
  clearInterval(drip);
  expect(await threadOf(patient)).toMatch(/^p1\./);
  patient.socket.destroy();
});

test("what a thread had counted goes when it dies", async () => {
  const { running, ports } = await start();
  const [dying, staying] = await oneOnEachThread(ports.address);
  const third = new Client(ports.address);
  expect(await third.ask("", "line")).toBe("too many of you\n");
  expect(await third.closed).toBe("closed");

  const dead = await threadOf(dying);
  dying.socket.write("die\n");
  await dying.closed;
  await running.until(new RegExp(`${dead} is ready \\(incarnation 2\\)`));
  const next = await letIn(ports.address);
  const fourth = new Client(ports.address);
  expect(await fourth.ask("", "line")).toBe("too many of you\n");
  await leave(staying, next);
});
