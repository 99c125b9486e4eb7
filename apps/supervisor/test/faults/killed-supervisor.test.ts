// The supervisor is killed on 2 processes × 2 threads, while clients count: it leaves nothing, and its successor serves.
import { expect, test } from "vitest";
import { isAlive } from "../alive.ts";
import { pause } from "../pause.ts";
import { Client } from "../supervisor-program.ts";
import { VersionedService } from "../versions.ts";
import { CountingClients, expectExplained } from "./counting-clients.ts";
import { SpinningService } from "./spinning-service.ts";

test.concurrent("its processes end with it, also one whose main thread spins and one of whose threads does; the next one takes over", async ({
  onTestFinished,
}) => {
  const deployed = new SpinningService({ topology: { processes: 2, threads: 2 } }, onTestFinished);
  const running = await deployed.running;
  const pids = (await running.processes()).map(({ pid }) => pid ?? 0);
  const clients = new CountingClients(running.port, 3);
  const open = await Promise.all([1, 2, 3, 4].map(() => Client.connect(running.port)));
  for (const client of open) expect(await client.ask("hello")).toBe("HELLO");
  await clients.more(20);

  open[0]?.socket.write("spin");
  deployed.spinMainThread(pids[0] ?? 0);
  // A process that spins does not answer any more, and is shown as it was.
  await running.processes();
  running.signal("SIGKILL");
  await running.exited;
  // The kernel ends a connection when it has ended its process.
  for (const client of open) expect(await client.closed).toMatch(/closed|reset/);
  for (const pid of pids) while (isAlive(pid)) await pause();
  const { connected, served, broken } = await clients.stop();
  expect(connected).toBe(served + broken);
  // Each of the three loses at most the connection that it had to a process, and may find the other one still there.
  expect(broken).toBeLessThanOrEqual(6);

  // The control socket is still there.
  deployed.configure({ topology: { processes: 2, threads: 2 }, listen: `127.0.0.1:${running.port}` });
  const successor = await deployed.running;
  expect(successor.port).toBe(running.port);
  const later = new CountingClients(successor.port, 3);
  await later.more(20);
  const books = await later.stop();
  expect(books).toMatchObject({ broken: 0, refused: 0 });
  await expectExplained(successor, books);
});

test.concurrent("a process that is stopped outlives it, and its successor ends that", async ({ onTestFinished }) => {
  const topology = { processes: 2, threads: 0 };
  const deployed = new VersionedService({ topology }, onTestFinished);
  const running = await deployed.running;
  const [ended = 0, stopped = 0] = (await running.processes()).map(({ pid }) => pid ?? 0);
  onTestFinished(() => {
    if (isAlive(stopped)) process.kill(stopped, "SIGKILL");
  });
  process.kill(stopped, "SIGSTOP");
  running.signal("SIGKILL");
  while (isAlive(ended)) await pause();
  expect(isAlive(stopped)).toBe(true);
  deployed.configure({ topology, listen: `127.0.0.1:${running.port}` });
  const successor = await deployed.running;
  expect(successor.stderr).toContain(`ended process ${stopped}, which a killed supervisor of this name had left`);
  while (isAlive(stopped)) await pause();
  expect(await (await Client.connect(running.port)).ask("hello")).toBe("HELLO");
});
