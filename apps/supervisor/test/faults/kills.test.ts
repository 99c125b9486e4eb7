// A process is killed in every phase of its life, on 2 processes × 2 threads, while clients count.
import { expect, test } from "vitest";
import { Client } from "../supervisor-program.ts";
import { VersionedService } from "../versions.ts";
import { CountingClients, expectExplained } from "./counting-clients.ts";

const topology = { processes: 2, threads: 2 };

test.concurrent("SIGKILL of a process that is idle, in the middle of a response, and while it is handed connections", async ({
  onTestFinished,
}) => {
  const deployed = new VersionedService({ topology }, onTestFinished);
  deployed.deploy("1", { onText: 'if (text === "big") { await conn.write(Buffer.alloc(64 << 20, 97)); continue; }' });
  const running = await deployed.running;
  const kill = async (unit: string) => {
    const process_ = (await running.processes()).find((each) => each.unit === unit);
    process.kill(process_?.pid ?? 0, "SIGKILL");
    await running.until(new RegExp(`${unit} is ready \\(incarnation ${(process_?.incarnation ?? 0) + 1}\\)`));
  };

  await kill("p1");

  const client = await Client.connect(running.port);
  const [, unit = ""] = / (p\d)/.exec(await client.ask("who\n", "line")) ?? [];
  client.socket.write("big");
  await client.ask("a");
  client.socket.pause();
  await kill(unit);
  client.socket.resume();
  expect(await client.closed).toMatch(/closed|reset/);

  const clients = new CountingClients(running.port);
  for (const each of ["p1", "p2", "p1", "p2", "p1"]) {
    await clients.more(10);
    await kill(each);
  }
  const books = await clients.stop();
  await expectExplained(running, { ...books, connected: books.connected + 1, broken: books.broken + 1 });
});

test.concurrent("SIGKILL of a process that starts: it is started again, and the others serve", async ({
  onTestFinished,
}) => {
  const deployed = new VersionedService({ topology }, onTestFinished);
  deployed.deploy("1", { atLoad: "await new Promise((resolve) => setTimeout(resolve, 1_000));" });
  const running = await deployed.running;
  const clients = new CountingClients(running.port, 3);
  const p1 = async () => (await running.processes()).find(({ unit }) => unit === "p1");
  for (let kills = 0; kills < 3; ) {
    const { pid = null, state } = (await p1()) ?? {};
    if (pid === null || (kills > 0 && state !== "starting")) continue;
    process.kill(pid, "SIGKILL");
    kills++;
    await running.until(new RegExp(`(p1 ended[\\s\\S]*){${kills}}`));
  }
  await running.until(/p1 is ready \(incarnation 4\)/);
  await clients.more(10);
  await expectExplained(running, await clients.stop());
});
