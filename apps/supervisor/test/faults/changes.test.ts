// Reloads that fail, and reloads and stops that meet each other, while clients count.
import { expect, test } from "vitest";
import { isAlive } from "../alive.ts";
import { Client, refused } from "../supervisor-program.ts";
import { VersionedService } from "../versions.ts";
import { CountingClients, expectExplained } from "./counting-clients.ts";

const topology = { processes: 2, threads: 2 };

const failures = {
  "does not parse": { atLoad: "this is no JavaScript;", says: /syntax error/ },
  "throws when it is loaded": { atLoad: 'throw new Error("no such table");', says: /no such table/ },
  "dies in a thread while it is on trial": {
    atLoad: 'setTimeout(() => { throw new Error("no such cache"); }, 300);',
    says: /p1\.t\d ended: uncaught Error: no such cache/,
  },
  "ends its process while it is on trial": {
    atLoad: "setTimeout(() => process.kill(process.pid, 9), 300);",
    says: /killed by SIGKILL/,
  },
  "never becomes ready": {
    atLoad: "await new Promise(() => setInterval(() => {}, 1_000));",
    start: { timeout: "1s" },
    says: /was not ready within \d+ ms/,
  },
};

test.concurrent("a broken configuration and new code that fails, however, leave the old processes serving, untouched", async ({
  onTestFinished,
}) => {
  const config = { topology, reload: { soak: "10s" } };
  const deployed = new VersionedService(config, onTestFinished);
  const running = await deployed.running;
  const before = (await running.processes()).map(({ pid }) => pid);
  const clients = new CountingClients(running.port);

  deployed.write('{ "entry": "./versioned.mjs", "topologie": {} }');
  const broken = await deployed.command("reload", "versioned");
  expect(broken.code).toBe(78);
  expect(broken.stderr).toMatch(/topologie/);
  running.signal("SIGHUP");
  await running.until(/SIGHUP: .*topologie/s);

  for (const [what, { says, ...failure }] of Object.entries(failures)) {
    deployed.configure({ ...config, ...("start" in failure && { start: failure.start }) });
    deployed.deploy(what, { atLoad: failure.atLoad });
    const { code, stderr } = await deployed.command("reload", "versioned");
    expect(code).not.toBe(0);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/the old processes go on serving/);
    expect((await running.processes()).map(({ pid }) => pid)).toEqual(before);
  }
  const client = await Client.connect(running.port);
  expect(await client.ask("who\n", "line")).toMatch(/^1 /);
  client.socket.end();
  expect(await client.closed).toBe("closed");
  const { connected, served, ...rest } = await clients.stop();
  await expectExplained(running, { ...rest, connected: connected + 1, served: served + 1 });
}, 90_000);

test.concurrent("a reload during a reload or its drain is turned away; TERM gives it up and finishes what is open, a second TERM does not", async ({
  onTestFinished,
}) => {
  const deployed = new VersionedService({ topology, reload: { soak: "1s" } }, onTestFinished);
  const running = await deployed.running;
  const counting = new CountingClients(running.port, 2);
  const connectAll = async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => Client.connect(running.port)));
    for (const client of clients) expect(await client.ask("hello")).toBe("HELLO");
    return clients;
  };
  const endAll = async (clients: readonly Client[]) => {
    for (const client of clients) client.socket.end();
    expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual(clients.map(() => "closed"));
  };
  const open = await connectAll();
  const first = deployed.command("reload", "versioned");
  await running.until(/is being reloaded/);
  expect(await deployed.command("reload", "versioned")).toMatchObject({ code: 75 });
  // The old process of the canary's slot drains for as long as its connections are open.
  await running.until(/p1 is ready \(incarnation 2\)/);
  expect(await deployed.command("reload", "versioned")).toMatchObject({ code: 75 });
  await endAll(open);
  expect(await first).toMatchObject({ code: 0 });
  const { connected, served, ...rest } = await counting.stop();
  await expectExplained(running, { ...rest, connected: connected + 8, served: served + 8 });

  deployed.deploy("2");
  deployed.configure({ topology, reload: { soak: "60s" } });
  const second = deployed.command("reload", "versioned");
  await running.until(/p1 is ready \(incarnation 3\)/);
  const pids = (await running.processes()).flatMap(({ pid, next }) => [pid ?? 0, next?.pid ?? 0]).filter(Boolean);
  expect(pids).toHaveLength(3);
  // Some of them are on the process that is on trial.
  const [last, ...others] = await connectAll();
  running.signal("SIGTERM");
  await running.until(/finishing what is in flight/);
  await refused(running.port);
  expect(await deployed.command("reload", "versioned")).toMatchObject({ code: 75 });
  for (const client of others) expect(await client.ask("still here")).toBe("STILL HERE");
  await endAll(others);
  running.signal("SIGTERM");
  expect(await last?.closed).toMatch(/closed|reset/);
  expect(await running.exited).toMatchObject({ code: 0 });
  expect((await second).stderr).toMatch(/the supervisor is being stopped/);
  expect(pids.filter(isAlive)).toEqual([]);
}, 90_000);
