// A process stands still: stopped by a signal, or its main thread spins. It is found by its heartbeat and replaced.
import { expect, test } from "vitest";
import { Client } from "../supervisor-program.ts";
import { VersionedService } from "../versions.ts";
import { CountingClients, expectExplained } from "./counting-clients.ts";

const watchdog = { process: "4s" };

test.concurrent("a stopped process is replaced, and the other one serves meanwhile", async ({ onTestFinished }) => {
  const deployed = new VersionedService({ topology: { processes: 2, threads: 2 }, watchdog }, onTestFinished);
  const running = await deployed.running;
  const clients = new CountingClients(running.port);
  await clients.more(10);
  const [victim] = await running.processes();
  process.kill(victim?.pid ?? 0, "SIGSTOP");
  await running.until(/p1 ended: stood still for \d+ ms/);
  await running.until(/p1 is ready \(incarnation 2\)/);
  await clients.more(10);
  await expectExplained(running, await clients.stop());
  expect((await deployed.command("why", "p1")).stdout).toMatch(/stood still .*\(hung\)/);
}, 60_000);

test.concurrent("a main thread that spins is logged with its stack, then its process is replaced", async ({
  onTestFinished,
}) => {
  const deployed = new VersionedService({ topology: { processes: 2, threads: 0 }, watchdog }, onTestFinished);
  deployed.deploy("1", { onText: 'if (text === "spin") (function parseForever() { for (;;); })();' });
  const running = await deployed.running;
  const clients = new CountingClients(running.port);
  const spinning = await Client.connect(running.port);
  spinning.socket.write("spin");
  await running.until(/(p\d) has blocked its event loop for \d+ ms.*\n +at parseForever \(.*versioned\.mjs/);
  const [, unit = ""] = await running.until(/(p\d) ended: stood still for \d+ ms in parseForever/);
  expect(await spinning.closed).toMatch(/closed|reset/);
  await running.until(new RegExp(`${unit} is ready \\(incarnation 2\\)`));
  await clients.more(10);
  const books = await clients.stop();
  await expectExplained(running, { ...books, connected: books.connected + 1, broken: books.broken + 1 });
}, 60_000);
