// Connections that outlive reloads: in processes of so many older generations as may be kept, and no longer.
import { expect, test } from "vitest";
import { isAlive } from "./alive.ts";
import { CountingClients, expectExplained } from "./faults/counting-clients.ts";
import { pause } from "./pause.ts";
import { Client, type RunningSupervisor } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

/** A client that stays: it knows its version, and that each of its bytes came back. */
class LongLived {
  readonly version: string;
  readonly #client: Client;
  bytes = 0;

  static async connect(port: number): Promise<LongLived> {
    const client = await Client.connect(port);
    const [version = ""] = (await client.ask("who\n", "line")).split(" ");
    return new LongLived(client, version);
  }

  private constructor(client: Client, version: string) {
    this.#client = client;
    this.version = version;
  }

  async goesOn(): Promise<void> {
    const [version] = (await this.#client.ask("who\n", "line")).split(" ");
    expect(version).toBe(this.version);
    const text = `${this.version} `.repeat(10_000);
    expect(await this.#client.ask(text)).toBe(text);
    this.bytes += text.length;
  }

  get closed(): Promise<string> {
    return this.#client.closed;
  }

  end(): void {
    this.#client.socket.end();
  }
}

async function kept(running: RunningSupervisor) {
  return (await running.status()).services[0]?.kept ?? [];
}

async function keptGenerations(running: RunningSupervisor): Promise<string[]> {
  return (await kept(running)).map(({ generation, connections }) => `${generation}: ${connections}`);
}

async function deaths(running: RunningSupervisor) {
  return (await running.call("why", {})).deaths.map(({ cause, text, next }) => [cause, text, next]);
}

/** Resolves when so many processes are kept. */
async function keeps(running: RunningSupervisor, count: number): Promise<void> {
  while ((await kept(running)).length !== count);
}

const quick = { soak: "0ms", surge: 2 };
const stop = { drain: "200ms", cancel: "1s" };

test.concurrent("a long-lived connection outlives as many reloads as are configured, and nobody else notices", async ({
  onTestFinished,
}) => {
  const config = { topology: { processes: 2, threads: 0 }, stop, health: { listen: "127.0.0.1:0" } };
  const deployed = new VersionedService({ ...config, reload: { ...quick, keep: 2 } }, onTestFinished);
  const running = await deployed.running;
  const clients = new CountingClients(running.port, 2);
  const reload = async (version: string) => {
    deployed.deploy(version);
    await running.call("reload", {});
  };

  const first = await LongLived.connect(running.port);
  await reload("2");
  const second = await LongLived.connect(running.port);
  await reload("3");
  const third = await LongLived.connect(running.port);
  expect([first, second, third].map(({ version }) => version)).toEqual(["1", "2", "3"]);
  for (const client of [first, second, third]) await client.goesOn();
  expect(await keptGenerations(running)).toEqual(["1: 1", "2: 1"]);

  // One more than may be kept: the oldest is drained, and cancelled.
  await reload("4");
  expect(await first.closed).toMatch(/closed|reset/);
  for (const client of [second, third]) await client.goesOn();
  expect(await keptGenerations(running)).toEqual(["2: 1", "3: 1"]);
  expect(await deaths(running)).toContainEqual([
    "planned",
    expect.stringMatching(/generation is kept no longer/),
    null,
  ]);
  const metrics = await (await fetch(`http://${(await running.status()).health}/metrics`)).text();
  expect(metrics).toMatch(/^plait_kept_processes\{service="versioned",generation="2"\} 1$/m);
  expect(metrics).toMatch(/^plait_kept_connections\{service="versioned",generation="3"\} 1$/m);

  // Scaling touches none of them, and their ids stay theirs.
  for (const count of [1, 2]) await running.call("scale", { processes: count });
  const slots = (await running.processes()).map(({ unit }) => unit);
  for (const process of await kept(running)) expect(slots.slice(1)).not.toContain(process.unit);
  for (const client of [second, third]) await client.goesOn();

  const [, last] = await kept(running);
  process.kill(last?.pid ?? 0, "SIGKILL");
  await third.closed;
  await running.until(/p\d ended: killed by SIGKILL/);
  second.end();
  expect(await second.closed).toBe("closed");
  await keeps(running, 0);
  const ended = await deaths(running);
  expect(ended).toContainEqual(["killed", "killed by SIGKILL", "not started again"]);
  expect(ended).toContainEqual(["planned", expect.stringMatching(/its last connection has ended/), null]);
  expect([first, second, third].map(({ bytes }) => bytes)).toEqual([20_000, 60_000, 60_000]);

  // Less to keep is a change that processes take over while they serve.
  const fourth = await LongLived.connect(running.port);
  await reload("5");
  await fourth.goesOn();
  deployed.configure({ ...config, reload: { ...quick, keep: 0 } });
  await running.call("reload", {});
  expect(await fourth.closed).toMatch(/closed|reset/);
  expect(await kept(running)).toEqual([]);
  const { connected, served, broken, refused } = await clients.stop();
  expect({ broken, refused, served }).toEqual({ broken: 0, refused: 0, served: connected });
});

test.concurrent("the books of what is kept add up with the clients'", async ({ onTestFinished }) => {
  const topology = { processes: 2, threads: 2 };
  const deployed = new VersionedService({ topology, stop, reload: { ...quick, keep: 1 } }, onTestFinished);
  const running = await deployed.running;
  const clients = new CountingClients(running.port, 3);
  const open = await Promise.all([1, 2, 3, 4].map(() => LongLived.connect(running.port)));
  for (const version of ["2", "3"]) {
    deployed.deploy(version);
    await running.call("reload", {});
  }
  for (const client of open) await client.closed;
  const books = await clients.stop();
  await expectExplained(running, { ...books, connected: books.connected + 4, broken: books.broken + 4 });
});

const ends = [
  ...(process.env.PLAIT_LONG ? [{ signal: "SIGTERM", code: 0, threads: 0, accept: "handoff" } as const] : []),
  { signal: "SIGKILL", code: null, threads: 2, accept: "direct" },
] as const;

for (const { signal, code, threads, accept } of ends) {
  test.concurrent(`a kept process ends with its supervisor that gets ${signal}, and holds no listening socket (accept: ${accept})`, async ({
    onTestFinished,
  }) => {
    const config = { topology: { processes: 1, threads }, stop, reload: { ...quick, keep: 1 } };
    const listener = { host: "127.0.0.1", port: 0, accept };
    const deployed = new VersionedService({ ...config, listen: { first: listener } }, onTestFinished);
    const running = await deployed.running;
    const client = await LongLived.connect(running.port);
    deployed.configure({ ...config, listen: { other: listener } });
    await running.call("reload", {});
    // Its address went with the reload, and it goes on.
    expect(await new Client(running.port).closed).toBe("refused");
    await client.goesOn();
    const [old] = await kept(running);
    running.signal(signal);
    expect((await running.exited).code).toBe(code);
    expect(await client.closed).toMatch(/closed|reset/);
    while (isAlive(old?.pid ?? 0)) await pause();
  }, 60_000);
}
