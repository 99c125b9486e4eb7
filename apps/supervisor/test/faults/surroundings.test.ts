// What a process or its supervisor needs runs out: descriptors, memory, disks, the folder for control sockets, whoever reads the log.
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { pause } from "../pause.ts";
import { Client } from "../supervisor-program.ts";
import { VersionedService } from "../versions.ts";
import { CountingClients, expectExplained } from "./counting-clients.ts";

const topology = { processes: 2, threads: 2 };

test.concurrent.for(process.env.PLAIT_LONG ? ["handoff", "direct"] : ["direct"])(
  "out of descriptors, connections wait in the kernel's queue and all of them are served: %s",
  { timeout: 60_000 },
  async (accept, { onTestFinished }) => {
    const deployed = new VersionedService({ topology, listen: { host: "127.0.0.1", port: 0, accept } }, onTestFinished);
    const launcher = ["/bin/sh", "-c", 'ulimit -n 130; exec "$0" "$@"'];
    const running = await deployed.start({ launcher });
    const books = { connected: 150, served: 0, broken: 0, refused: 0 };
    const clients = await Promise.all(Array.from({ length: books.connected }, () => Client.connect(running.port)));
    await running.until(/p\d(\.t\d)? could not accept a connection: .*file descriptors/);
    // Those that are served make room for the ones that wait.
    await Promise.all(
      clients.map(async (client, index) => {
        const echoed = await client.ask(`client ${index}`);
        client.socket.end();
        books[echoed === `CLIENT ${index}` && (await client.closed) === "closed" ? "served" : "broken"]++;
      }),
    );
    expect(books).toEqual({ connected: 150, served: 150, broken: 0, refused: 0 });
    await expectExplained(running, books);
  },
);

const limiting = spawnSync("prlimit", ["--version"]).status === 0 ? test.concurrent : test.concurrent.skip;

limiting(
  "the supervisor itself is out of descriptors, then its runtime folder is gone: it serves on, and restarts what dies",
  async ({ onTestFinished }) => {
    // However long it lasts here.
    const restart = { process: { intensity: 1_000 } };
    const deployed = new VersionedService({ topology, restart }, onTestFinished);
    const running = await deployed.running;
    const limit = (descriptors: number) =>
      spawnSync("prlimit", [`--pid=${running.child.pid}`, `--nofile=${descriptors}:`]);
    const [first, second] = await running.processes();
    const clients = new CountingClients(running.port);
    await clients.more(10);
    // Below what it has open: it can't open anything.
    limit(10);
    process.kill(first?.pid ?? 0, "SIGKILL");
    await running.until(/p1 ended: could not be started: .*(EMFILE|[Tt]oo many open files)/);
    await clients.more(10);
    limit(1024);
    await running.until(/p1 is ready \(incarnation \d+\)/);
    expect((await deployed.command("why", "p1")).stdout).toMatch(/could not be started: .* \(not-ready\)/);
    await expectExplained(running, await clients.stop(), 1);

    rmSync(running.runtime, { recursive: true });
    process.kill(second?.pid ?? 0, "SIGKILL");
    await running.until(/processes are not recorded any more: ENOENT/);
    await running.until(/p2 is ready \(incarnation 2\)/);
    running.signal("SIGTERM");
    expect(await running.exited).toMatchObject({ code: 0 });
  },
  60_000,
);

const mounting = spawnSync("unshare", ["--mount", "true"]).status === 0 ? test.concurrent : test.concurrent.skip;

mounting(
  "no room in /dev/shm, where processes keep their books: they are kept on the disk",
  async ({ onTestFinished }) => {
    const full = 'mount -t tmpfs -o size=16k plait /dev/shm; dd if=/dev/zero of=/dev/shm/full 2>&-; exec "$0" "$@"';
    const deployed = new VersionedService({ topology }, onTestFinished);
    const running = await deployed.start({ launcher: ["unshare", "--mount", "/bin/sh", "-c", full] });
    const clients = new CountingClients(running.port);
    await clients.more(20);
    await expectExplained(running, await clients.stop(), 0);
    expect((await running.processes()).map(({ failures }) => failures)).toEqual([0, 0]);
  },
  60_000,
);

test.concurrent("nobody reads the log any more: everything goes on", async ({ onTestFinished }) => {
  const deployed = new VersionedService({ topology }, onTestFinished);
  deployed.deploy("1", { onText: "console.log(text); console.error(text);" });
  const running = await deployed.running;
  running.child.stdout?.destroy();
  running.child.stderr?.destroy();
  const clients = new CountingClients(running.port);
  await clients.more(20);
  // What has to be written about a death can't be written either.
  process.kill((await running.processes())[0]?.pid ?? 0, "SIGKILL");
  while ((await running.processes())[0]?.incarnation !== 2) await clients.more(1);
  await clients.more(20);
  await expectExplained(running, await clients.stop(), 1);
  expect((await deployed.command("why", "p1")).stdout).toMatch(/killed by SIGKILL/);
});

/** Needs a memory controller of version 1 in which it may make a group, or it says why not by being skipped. */
const memory = "/sys/fs/cgroup/memory";
const canLimit = (() => {
  try {
    accessSync(`${memory}/memory.limit_in_bytes`);
    accessSync(memory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
})();

const whereLimited = canLimit ? test.concurrent : test.concurrent.skip;

whereLimited(
  "out of the cgroup's memory, the process that took it is replaced, and why says so",
  async ({ onTestFinished }) => {
    const group = `${memory}/plait-test-${process.pid}`;
    mkdirSync(group);
    const deployed = new VersionedService({ topology: { processes: 2, threads: 0 } }, onTestFinished);
    deployed.deploy("1", {
      onText: 'if (text === "take it all") for (const kept = []; ; ) kept.push(Buffer.alloc(8 << 20, 1));',
    });
    const enter = `echo 400M > ${group}/memory.limit_in_bytes; echo $$ > ${group}/cgroup.procs; exec "$0" "$@"`;
    const running = await deployed.start({ launcher: ["/bin/sh", "-c", enter] });
    // Once everything in it is gone.
    onTestFinished(async () => {
      running.child.kill("SIGKILL");
      await running.exited;
      for (let isGone = false; !isGone; isGone = await removed(group));
    });
    const clients = new CountingClients(running.port);
    const greedy = await Client.connect(running.port);
    greedy.socket.write("take it all");
    expect(await greedy.closed).toMatch(/closed|reset/);
    await running.until(/p\d ended: killed by the kernel: out of the cgroup's memory/);
    await clients.more(10);
    const { connected, broken, ...rest } = await clients.stop();
    await expectExplained(running, { ...rest, connected: connected + 1, broken: broken + 1 });
    expect((await deployed.command("why")).stdout).toMatch(/\(out-of-memory\)/);
  },
  60_000,
);

async function removed(group: string): Promise<boolean> {
  try {
    rmdirSync(group);
    return true;
  } catch {
    // A process in it is still ending.
    await pause();
    return false;
  }
}
