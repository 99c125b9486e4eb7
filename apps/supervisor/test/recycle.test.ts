// Healthy processes are replaced: because of what they have grown to, or because somebody asks for it.
import { expect, test } from "vitest";
import { connecting } from "./connecting.ts";
import type { RunningSupervisor } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

const topology = { processes: 2, threads: 0 };

test.concurrent("processes that have accepted enough are recycled one at a time, and no client notices", async ({
  onTestFinished,
}) => {
  const deployed = new VersionedService({ topology, recycle: { connections: 20, minLifetime: 0 } }, onTestFinished);
  const running = await deployed.running;
  const stop = connecting(running.port);
  await running.until(/p1 is ready \(incarnation 3\)/);
  await running.until(/p2 is ready \(incarnation 3\)/);
  const counts = await stop();
  expect(counts).toMatchObject({ reset: 0, refused: 0 });
  const news: string[] = running.stderr.match(/p\d is (being recycled|ready)/g) ?? [];
  const last = news.lastIndexOf("p1 is ready");
  // One at a time: the news of a slot's replacement come in pairs.
  for (let at = 0; at + 1 < last; at += 2) {
    expect(news.slice(at, at + 2)).toEqual([
      `${news[at]?.slice(0, 2)} is being recycled`,
      `${news[at]?.slice(0, 2)} is ready`,
    ]);
  }
  const why = await deployed.command("why", "p1");
  expect(why.stdout).toMatch(
    /p1.* incarnation 2: recycled: \d+ connections, and its own limit is (18|19|20|21|22) \(planned\)/,
  );
});

test.concurrent("a process is recycled for its memory, and for its age, and why says so", async ({
  onTestFinished,
}) => {
  const forMemory = new VersionedService({ topology, recycle: { memory: "1MiB", minLifetime: 0 } }, onTestFinished);
  const forAge = new VersionedService({ topology, recycle: { age: "1s", minLifetime: 0 } }, onTestFinished);
  await Promise.all([
    recycledFor(await forMemory.running, /p1 is being recycled: \d+ MiB of memory, and its own limit is 1 MiB/),
    recycledFor(await forAge.running, /p1 is being recycled: \d s old, and its own limit is 1 s/),
  ]);
});

test.concurrent("restart replaces one process, or all of a service, and loses nothing; why names the operator", async ({
  onTestFinished,
}) => {
  const deployed = new VersionedService({ topology }, onTestFinished);
  const running = await deployed.running;
  const stop = connecting(running.port);
  const incarnations = async () => (await running.processes()).map(({ incarnation }) => incarnation);
  expect(await deployed.command("restart", "p2")).toMatchObject({ code: 0, stderr: "" });
  expect(await incarnations()).toEqual([1, 2]);
  expect(await deployed.command("restart", "versioned")).toMatchObject({ code: 0, stderr: "" });
  expect(await incarnations()).toEqual([2, 3]);
  expect(await deployed.command("recycle", "p9")).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("there is no process or service p9; there are versioned, p1, p2"),
  });
  expect(await stop()).toMatchObject({ reset: 0, refused: 0 });
  expect((await deployed.command("why", "p2")).stdout).toMatch(/incarnation 2: restarted by command \(operator\)/);
});

async function recycledFor(running: RunningSupervisor, reason: RegExp): Promise<void> {
  await running.until(reason);
  await running.until(/p1 is ready \(incarnation 2\)/);
}
