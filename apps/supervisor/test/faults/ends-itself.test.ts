// User code ends its thread or its process, in every way it can, while clients count.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client } from "../supervisor-program.ts";
import { VersionedService } from "../versions.ts";
import { CountingClients, expectExplained } from "./counting-clients.ts";

const orders = `if (text === "exit") process.exit(0);
      if (text === "storm") for (let n = 0; n < 1_000; n++) void Promise.reject(new Error("storm " + n));
      if (text === "fill") for (const kept = []; ; ) kept.push(new Array(1_000).fill(kept.length));
      if (text === "hang up") process.disconnect();
      if (text === "abort") process.abort();
      if (text === "ready again") process.send({ plait: "ready" });`;

async function order(port: number, text: string): Promise<void> {
  const client = await Client.connect(port);
  client.socket.write(text);
  await client.closed;
}

test.concurrent("a thread that exits, rejects a thousand times or fills its heap ends alone, and comes back", async ({
  onTestFinished,
}) => {
  const topology = { processes: 2, threads: 2 };
  const deployed = new VersionedService({ topology, limits: { threadHeap: "32MiB" } }, onTestFinished);
  deployed.deploy("1", { onText: orders });
  const running = await deployed.running;
  const clients = new CountingClients(running.port, 3);
  const ends = {
    exit: /called process.exit\(0\)/,
    storm: /unhandled rejection: Error: storm 0/,
    fill: /ran out of its heap|heap/,
  };
  let ordered = 0;
  for (const [text, says] of Object.entries(ends)) {
    await order(running.port, text);
    ordered++;
    await running.until(new RegExp(`p\\d\\.t\\d ended: .*(${says.source})`));
  }
  await clients.more(20);
  const { connected, broken, ...rest } = await clients.stop();
  await expectExplained(running, { ...rest, connected: connected + ordered, broken: broken + ordered });
  expect(running.stderr).not.toMatch(/p\d ended/);
});

test.concurrent("a process that exits with 0, hangs up on its supervisor, aborts or fills its heap is started again", async ({
  onTestFinished,
}) => {
  const deployed = new VersionedService({ topology: { processes: 2, threads: 0 } }, onTestFinished);
  deployed.deploy("1", { onText: orders });
  const running = await deployed.start({ env: { NODE_OPTIONS: "--max-old-space-size=64" } });
  const clients = new CountingClients(running.port, 3);
  const ends = {
    exit: /exited with code 0/,
    "hang up": /exited with code 0[\s\S]*exited with code 0/,
    abort: /aborted \(SIGABRT\), as process\.abort\(\)/,
    fill: /ran out of its heap, and V8 aborted it \(SIGABRT\)/,
  };
  let ordered = 0;
  for (const [text, says] of Object.entries(ends)) {
    await order(running.port, text);
    ordered++;
    await running.until(says);
  }
  await clients.more(20);
  const { connected, broken, ...rest } = await clients.stop();
  await expectExplained(running, { ...rest, connected: connected + ordered, broken: broken + ordered });
  expect((await deployed.command("why")).stdout).toMatch(/\(finished\)[\s\S]*\(finished\)|\(out-of-heap\)/);
});

test.concurrent("a thread that can't be ended, as it is in native code, costs its process", async ({
  onTestFinished,
}) => {
  const watchdog = { report: "300ms", kill: "600ms" };
  const deployed = new VersionedService({ topology: { processes: 1, threads: 2 }, watchdog }, onTestFinished);
  const fifo = join(deployed.folder, "fifo");
  execFileSync("mkfifo", [fifo]);
  deployed.deploy("1", {
    atLoad: 'import { readFileSync } from "node:fs";',
    onText: `if (text === "read") readFileSync(${JSON.stringify(fifo)});`,
  });
  const running = await deployed.running;
  await order(running.port, "read");
  expect(running.stderr).toMatch(/p1\.t1 was ended \d+ ms ago and goes on, in native code: its process has to end/);
  await running.until(/p1 is ready \(incarnation 2\)/);
  expect((await deployed.command("why", "p1")).stdout).toMatch(
    /p1 incarnation 1: p1\.t1 could not be ended \(escalated\)/,
  );
  expect(await (await Client.connect(running.port)).ask("again")).toBe("AGAIN");
});

test.concurrent("a process that says READY again changes nothing", async ({ onTestFinished }) => {
  const deployed = new VersionedService({ topology: { processes: 2, threads: 0 } }, onTestFinished);
  deployed.deploy("1", { onText: orders });
  const running = await deployed.running;
  const client = await Client.connect(running.port);
  expect(await client.ask("ready again")).toBe("READY AGAIN");
  expect((await running.processes()).map(({ incarnation, state }) => [incarnation, state])).toEqual([
    [1, "ready"],
    [1, "ready"],
  ]);
});
