// A process or a thread stands still: stopped by a signal, or spinning. It is found by its heartbeat and replaced.
import { expect, test } from "vitest";
import { Client } from "../supervisor-program.ts";
import { VersionedService } from "../versions.ts";
import { CountingClients, expectExplained } from "./counting-clients.ts";
import { SpinningService } from "./spinning-service.ts";

const topology = { processes: 2, threads: 2 };

test.concurrent("a stopped process is replaced, and the other one serves meanwhile", async ({ onTestFinished }) => {
  const deployed = new VersionedService({ topology, watchdog: { process: "4s" } }, onTestFinished);
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
});

test.concurrent("a thread that spins, then a main thread: logged with the stack, and replaced, alone", async ({
  onTestFinished,
}) => {
  const watchdog = { report: "500ms", kill: "1500ms", process: "4s" };
  const deployed = new SpinningService({ topology, watchdog }, onTestFinished);
  const running = await deployed.running;
  const clients = new CountingClients(running.port);
  const spinning = await Client.connect(running.port);
  spinning.socket.write("spin");
  await running.until(
    /p\d\.t\d has blocked its event loop for \d+ ms in p\d\.t\d\.c\d+.*\n +at skipSpace \(.*versioned\.mjs/,
  );
  const [, thread = ""] = await running.until(/(p\d\.t\d) ended: blocked its event loop for \d+ ms in skipSpace/);
  expect(await spinning.closed).toMatch(/closed|reset/);
  await running.until(new RegExp(`${thread} is ready \\(incarnation 2\\)`));
  await clients.more(10);
  expect(running.stderr).not.toMatch(/p\d ended/);

  const [victim] = await running.processes();
  deployed.spinMainThread(victim?.pid ?? 0);
  await running.until(/p1 has blocked its event loop for \d+ ms.*\n +at (process\.)?parseForever \(.*placement\.mjs/);
  await running.until(/p1 ended: stood still for \d+ ms in (process\.)?parseForever/);
  await running.until(/p1 is ready \(incarnation 2\)/);
  await clients.more(10);
  const books = await clients.stop();
  await expectExplained(running, { ...books, connected: books.connected + 1, broken: books.broken + 1 });
});
