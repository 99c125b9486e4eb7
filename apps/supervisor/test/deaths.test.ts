// Processes and threads die; clients keep connecting.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connecting } from "./connecting.ts";
import { Client, RunningSupervisor, service, supervisor, temporaryFolder } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

const start = (...flags: string[]) =>
  RunningSupervisor.start([service("echo.ts"), "-p", "2", "-t", "2", "-l", "127.0.0.1:0", ...flags]);

test("kill -9 of one process, then of all: nobody is refused, they come back, and status says why", async () => {
  const running = await start();
  const stop = connecting(running.port);
  const [first] = await running.processes();
  process.kill(first?.pid ?? 0, "SIGKILL");
  await running.until(/p1 ended: killed by SIGKILL/);
  await running.until(/p1 is ready \(incarnation 2\)/);
  for (const { pid } of await running.processes()) process.kill(pid ?? 0, "SIGKILL");
  await running.until(/p1 is ready \(incarnation 3\)/);
  await running.until(/p2 is ready \(incarnation 2\)/);
  const counts = await stop();
  expect(counts.refused).toBe(0);
  expect(counts.served).toBeGreaterThan(0);
  // A connection that a process had accepted in the instant of its kill is reset: at most one a client and kill.
  expect(counts.reset).toBeLessThanOrEqual(9);
  const text = (await running.processes()).map(
    ({ unit, incarnation, lastExit }) => `${unit} ${incarnation} ${lastExit}`,
  );
  expect(text).toEqual(["p1 3 killed by SIGKILL", "p2 2 killed by SIGKILL"]);
});

test("an error thrown from a timer ends its thread only, and the thread comes back", async () => {
  const running = await start();
  const clients = await Promise.all(Array.from({ length: 24 }, () => Client.connect(running.port)));
  const units = await Promise.all(
    clients.map(async (client) => (await client.ask("who\n", "line")).replace(/\.c\d+\n$/, "")),
  );
  const victim = units[0] ?? "";
  clients[0]?.socket.write("throw in a timer");
  await clients[0]?.closed;
  await running.until(new RegExp(`${victim} ended: uncaught Error: boom`));
  for (const [index, client] of clients.entries()) {
    if (units[index] === victim) expect(await client.closed).toMatch(/closed|reset/);
    else expect(await client.ask("still here")).toBe("STILL HERE");
  }
  await running.until(new RegExp(`${victim} is ready \\(incarnation 2\\)`));
  const thread = (await running.processes()).flatMap(({ threads }) => threads).find(({ unit }) => unit === victim);
  expect(thread).toMatchObject({ incarnation: 2, lastExit: "uncaught Error: boom" });
  expect(thread?.lost).toBe(units.filter((unit) => unit === victim).length);
});

/** One process of one thread; a single restart is forgiven in each tier, at once. */
function startFragile(serviceRestart = {}): Promise<RunningSupervisor> {
  const file = join(temporaryFolder(), "supervisor.config.json");
  const tier = { intensity: 1, backoff: { initial: 1, factor: 1, cap: 1 } };
  const config = {
    entry: service("echo.ts"),
    listen: "127.0.0.1:0",
    topology: { processes: 1, threads: 1 },
    restart: { thread: tier, process: tier, service: { ...tier, ...serviceRestart } },
  };
  writeFileSync(file, JSON.stringify(config));
  return RunningSupervisor.start([file]);
}

test("a thread that keeps dying is escalated to its process, which is replaced", async () => {
  const running = await startFragile();
  // A client that comes in the instant of a death goes with it and causes none of its own.
  for (let client = new Client(running.port); !/p1 ended/.test(running.stderr); client = new Client(running.port)) {
    client.socket.write("throw in a timer");
    await client.closed;
  }
  await running.until(/p1 ended: restarted 1 times .*uncaught Error: boom/);
  await running.until(/p1 is ready \(incarnation 2\)/);
  // The last client may have waited in the kernel's queue and cost the new process a thread as well.
  let reply: string | undefined;
  while (!reply) reply = await (await Client.connect(running.port)).ask("hello").catch(() => undefined);
  expect(reply).toBe("HELLO");
});

test("a service whose processes keep dying starts again as a whole, as often as it may; no client is refused till then", async () => {
  const running = await startFragile();
  let refused = 0;
  const stop = connecting(running.port);
  for (let incarnation = 1; incarnation <= 4; incarnation++) {
    await running.until(new RegExp(incarnation === 1 ? "" : `p1 is ready \\(incarnation ${incarnation}\\)`));
    if (incarnation === 3)
      await running.until(/echo starts again as a whole in \d+ ms \(attempt 1\): restarted 1 times/);
    // What comes after the last death is refused, as it should be.
    if (incarnation === 4) refused = (await stop()).refused;
    const [only] = await running.processes();
    process.kill(only?.pid ?? 0, "SIGKILL");
  }
  expect(refused).toBe(0);
  const exit = await running.exited;
  expect(exit).toMatchObject({ code: 70 });
  expect(exit.stderr).toMatch(/supervisor: gave up on echo: restarted 1 times .*restarted 1 times .*killed by SIGKILL/);
});

test("a reload brings a service back that waits to start again as a whole, and a live one changes how often it may", async () => {
  const config = (intensity: number) => ({
    topology: { processes: 2, threads: 0 },
    restart: { process: { intensity: 0 }, service: { intensity, backoff: { initial: "10m", cap: "10m" } } },
  });
  const deployed = new VersionedService(config(3));
  const running = await deployed.running;
  const killFirst = async () => process.kill((await running.processes())[0]?.pid ?? 0, "SIGKILL");
  await killFirst();
  await running.until(/starts again as a whole in 600000 ms/);
  expect((await deployed.command("why", "p2")).stdout).toMatch(/ended with the others, as p1 was restarted too often/);

  const waiting = await Client.connect(running.port);
  deployed.deploy("2", { atLoad: "throw new Error('worse');" });
  expect(await deployed.command("reload")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/worse.*; none of the old processes serves: they start again as a whole/),
  });
  deployed.deploy("3");
  expect(await deployed.command("reload")).toMatchObject({ code: 0, stderr: "" });
  expect(await waiting.ask("who", "line")).toMatch(/^3 p[12]\./);
  expect((await running.processes()).map(({ state }) => state)).toEqual(["ready", "ready"]);

  deployed.configure(config(0));
  expect((await deployed.command("reload")).stdout).toMatch(/none of its processes had to be replaced/);
  await killFirst();
  expect(await running.exited).toMatchObject({ code: 70 });
});

test("a process that keeps dying is given up where the service may not start again: everything ends, with exit code 70 and a reason", async () => {
  const running = await startFragile({ intensity: 0 });
  for (let incarnation = 1; incarnation <= 2; incarnation++) {
    if (incarnation > 1) await running.until(/p1 is ready \(incarnation 2\)/);
    const [only] = await running.processes();
    process.kill(only?.pid ?? 0, "SIGKILL");
  }
  const exit = await running.exited;
  expect(exit).toMatchObject({ code: 70 });
  expect(exit.stderr).toMatch(/supervisor: gave up on echo: restarted 1 times .*killed by SIGKILL/);
});

test("a crash loop starts no more often than the policy allows, and waits before every start: it never spins a core", async () => {
  const file = join(temporaryFolder(), "supervisor.config.json");
  const backoff = { initial: 100, factor: 2, cap: 400 };
  const config = {
    entry: service("restless.ts"),
    listen: "127.0.0.1:0",
    topology: { processes: 1, threads: 0 },
    restart: { process: { intensity: 4, period: "10m", backoff }, service: { intensity: 0 } },
  };
  writeFileSync(file, JSON.stringify(config));
  const { code, stderr } = await supervisor(["start", file], { runtime: temporaryFolder() });
  expect(code).toBe(70);
  const waits = Array.from(stderr.matchAll(/p1 starts again in (\d+) ms/g), ([, ms]) => Number(ms));
  expect(waits).toHaveLength(4);
  for (const ms of waits) {
    expect(ms).toBeGreaterThanOrEqual(100);
    expect(ms).toBeLessThanOrEqual(400);
  }
  expect(stderr.match(/p1 ended: killed by SIGKILL/g)).toHaveLength(5);
});
