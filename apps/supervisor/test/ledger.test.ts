// The supervisor's books against its clients': every connection ends in exactly one way, also with its unit.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProcessStatus } from "@plait/supervisor";
import { expect, test } from "vitest";
import { pause } from "./pause.ts";
import { Client, RunningSupervisor, service, temporaryFolder } from "./supervisor-program.ts";

test.concurrent("served, reset, lost with a process, lost with a thread, live: each connection is in one of them", async ({
  onTestFinished,
}) => {
  const flags = ["-p", "2", "-t", "2", "-l", "127.0.0.1:0"];
  const running = await RunningSupervisor.start([service("echo.ts"), ...flags], { onTestFinished });
  const clients = await Promise.all(
    Array.from({ length: 40 }, async () => {
      const client = await Client.connect(running.port);
      const [, process = "", thread = ""] = /^(p\d)\.(t\d)/.exec(await client.ask("who\n", "line")) ?? [];
      return { client, process, thread };
    }),
  );
  for (const { client } of clients.slice(0, 5)) client.socket.end();
  for (const { client } of clients.slice(5, 8)) client.socket.resetAndDestroy();
  await Promise.all(clients.slice(0, 8).map(({ client }) => client.closed));
  const rest = clients.slice(8);
  await settled(running, { live: rest.length });

  // A thread of p1, then all of p2.
  const { process: victim, thread } = rest.find((each) => each.process === "p1") ??
    rest[0] ?? { process: "", thread: "" };
  const withThread = rest.filter((each) => each.process === victim && each.thread === thread);
  withThread[0]?.client.socket.write("throw in a timer");
  await Promise.all(withThread.map(({ client }) => client.closed));
  const other = victim === "p1" ? "p2" : "p1";
  const withProcess = rest.filter((each) => each.process === other);
  process.kill((await running.processes()).find(({ unit }) => unit === other)?.pid ?? 0, "SIGKILL");
  await Promise.all(withProcess.map(({ client }) => client.closed));
  await running.until(new RegExp(`${other} is ready \\(incarnation 2\\)`));

  const lost = withThread.length + withProcess.length;
  const counts = await settled(running, { live: rest.length - lost });
  expect(counts).toEqual({ total: 40, live: 32 - lost, served: 5, reset: 3, lost });
});

test.concurrent("connections that wait for a coroutine are in the books too, however they end", async ({
  onTestFinished,
}) => {
  const folder = temporaryFolder(onTestFinished);
  const config = {
    entry: service("echo.ts"),
    listen: "127.0.0.1:0",
    topology: { processes: 1, threads: 1, coroutines: 1 },
    queue: 3,
  };
  writeFileSync(join(folder, "supervisor.config.json"), JSON.stringify(config));
  const running = await RunningSupervisor.start([folder], { onTestFinished });
  const served = await Client.connect(running.port);
  expect(await served.ask("first")).toBe("FIRST");
  const waiting = await Promise.all([1, 2, 3].map(() => Client.connect(running.port)));
  expect(await settled(running, { live: 4 })).toEqual({ total: 4, live: 4 });
  // The first in line goes away, the second is served, the third is lost with the process.
  waiting[0]?.socket.resetAndDestroy();
  served.socket.end();
  expect(await waiting[1]?.ask("second")).toBe("SECOND");
  expect(await settled(running, { live: 2 })).toEqual({ total: 4, live: 2, served: 1, reset: 1 });
  process.kill((await running.processes())[0]?.pid ?? 0, "SIGKILL");
  await waiting[2]?.closed;
  await running.until(/p1 is ready \(incarnation 2\)/);
  expect(await settled(running, { live: 0 })).toEqual({ total: 4, live: 0, served: 1, reset: 1, lost: 2 });
});

/** The sums over all processes, outcomes that did not occur left out; that they add up holds at any time. */
async function settled(running: RunningSupervisor, { live }: { live: number }): Promise<Record<string, number>> {
  for (;;) {
    const processes = await running.processes();
    for (const counts of processes) expect(sumOf(counts)).toBe(counts.total);
    const sums: Record<string, number> = { total: 0, live: 0 };
    const add = (name: string, count: number) => {
      if (count > 0) sums[name] = (sums[name] ?? 0) + count;
    };
    for (const { total, connections, waiting, outcomes, lost } of processes) {
      for (const [name, count] of Object.entries({ ...outcomes, total, live: connections + waiting, lost }))
        add(name, count);
    }
    if (sums.live === live) return sums;
    await pause();
  }
}

function sumOf({ connections, waiting, outcomes, lost }: ProcessStatus): number {
  return Object.values(outcomes).reduce((sum, count) => sum + count, connections + waiting + lost);
}
