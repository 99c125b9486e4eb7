// Processes are added and taken away while the service runs.
import { expect, test } from "vitest";
import { connecting } from "./connecting.ts";
import type { RunningSupervisor } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

async function units(running: RunningSupervisor): Promise<string[]> {
  return (await running.processes()).map(({ unit }) => unit);
}

test("scale adds and removes processes by command, and no client notices", async () => {
  const deployed = new VersionedService({ topology: { processes: 1, threads: 0 } });
  const running = await deployed.running;
  const stop = connecting(running.port);
  expect(await deployed.command("scale", "3")).toMatchObject({ code: 0, stderr: "" });
  expect(await units(running)).toEqual(["p1", "p2", "p3"]);
  expect(await deployed.command("scale", "1")).toMatchObject({ code: 0 });
  expect(await units(running)).toEqual(["p1"]);
  const counts = await stop();
  expect(counts).toMatchObject({ refused: 0, reset: 0 });
  expect(counts.served).toBeGreaterThan(0);
  // What the processes that are gone have served stays in the books: one that ended while they drained as a goodbye.
  await expect
    .poll(async () => (await deployed.command("status")).stdout)
    .toMatch(new RegExp(`: ${counts.served} accepted: \\d+ served(, \\d+ goodbye)?, 0 lost`));
  const [service] = (await running.status()).services;
  expect(service?.removed.map(({ unit }) => unit)).toEqual(["p2", "p3"]);
});

test("SIGTTIN adds a process and SIGTTOU takes one away, but never the last", async () => {
  const deployed = new VersionedService({ topology: { processes: 1, threads: 0 } });
  const running = await deployed.running;
  running.signal("SIGTTIN");
  await running.until(/versioned has 2 processes, and had 1/);
  running.signal("SIGTTOU");
  await running.until(/versioned has 1 process, and had 2/);
  running.signal("SIGTTOU");
  await running.until(/versioned has 1 process, and had 1/);
  expect(await units(running)).toEqual(["p1"]);
});

test("a process that can't start is no slot, and the others serve on", async () => {
  const deployed = new VersionedService({ topology: { processes: 1, threads: 0 } });
  const running = await deployed.running;
  deployed.deploy("2", { atLoad: 'throw new Error("no such table");' });
  const failed = await deployed.command("scale", "2");
  expect(failed.code).not.toBe(0);
  expect(failed.stderr).toMatch(/no such table/);
  expect(await units(running)).toEqual(["p1"]);
});

test("scaling to nothing is a mistake", async () => {
  const deployed = new VersionedService();
  expect(await deployed.command("scale", "0")).toMatchObject({ code: 64 });
});
