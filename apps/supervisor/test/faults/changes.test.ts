// Reloads and stops that meet each other, and new code that never becomes ready.
import { expect, test } from "vitest";
import { Client } from "../supervisor-program.ts";
import { VersionedService } from "../versions.ts";
import { CountingClients, expectExplained } from "./counting-clients.ts";

const topology = { processes: 2, threads: 2 };

test.concurrent("new code that never becomes ready is given up after the start timeout; the old serves on", async ({
  onTestFinished,
}) => {
  const deployed = new VersionedService({ topology }, onTestFinished);
  const running = await deployed.running;
  const clients = new CountingClients(running.port);
  deployed.configure({ topology, start: { timeout: "2s" } });
  deployed.deploy("2", { atLoad: "await new Promise(() => setInterval(() => {}, 1_000));" });
  const { code, stderr } = await deployed.command("reload", "versioned");
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/was not ready within \d+ ms[\s\S]*the old processes go on serving/);
  const books = await clients.stop();
  expect(books).toMatchObject({ broken: 0, refused: 0 });
  await expectExplained(running, books);
}, 60_000);

test.concurrent("a reload while the old processes of another one drain is turned away, and so is one during a stop", async ({
  onTestFinished,
}) => {
  const deployed = new VersionedService({ topology }, onTestFinished);
  const running = await deployed.running;
  const clients = await Promise.all(Array.from({ length: 8 }, () => Client.connect(running.port)));
  for (const client of clients) expect(await client.ask("hello")).toBe("HELLO");
  const first = deployed.command("reload", "versioned");
  // The old process of the canary's slot drains for as long as its connections are open.
  await running.until(/p1 is ready \(incarnation 2\)/);
  expect(await deployed.command("reload", "versioned")).toMatchObject({ code: 75 });
  for (const client of clients) client.socket.end();
  expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual(Array(8).fill("closed"));
  expect(await first).toMatchObject({ code: 0 });

  const last = await Client.connect(running.port);
  expect(await last.ask("hello")).toBe("HELLO");
  running.signal("SIGTERM");
  await running.until(/accepting no more/);
  expect(await deployed.command("reload", "versioned")).toMatchObject({ code: 75 });
  // The second TERM gives up what is in flight.
  running.signal("SIGTERM");
  expect(await last.closed).toMatch(/closed|reset/);
  expect(await running.exited).toMatchObject({ code: 0 });
}, 60_000);
