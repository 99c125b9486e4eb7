// Threads are added, taken away, replaced and recycled while clients are being served.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Client, RunningSupervisor, service, supervisor, temporaryFolder } from "./supervisor-program.ts";

async function start(config: object) {
  const folder = temporaryFolder();
  const file = join(folder, "supervisor.config.json");
  const common = { entry: service("about.ts"), topology: { processes: 2, threads: 2 }, listen: "127.0.0.1:0" };
  writeFileSync(file, JSON.stringify({ ...common, ...config }));
  const running = await RunningSupervisor.start([file]);
  const command = (...args: string[]) => supervisor(args, { runtime: running.runtime, cwd: folder });
  return { running, command };
}

/** Clients that connect, ask and leave, until told to stop; resolves with how many were answered. Each has to be. */
function coming(port: number) {
  let going = true;
  const clients = Array.from({ length: 2 }, async () => {
    let answers = 0;
    for (; going; answers++) {
      const client = await Client.connect(port);
      expect(await client.ask("?\n", "line")).toMatch(/^p\d\.t\d\.c\d+ /);
      client.socket.end();
      expect(await client.closed).toBe("closed");
    }
    return answers;
  });
  return async () => {
    going = false;
    return (await Promise.all(clients)).reduce((sum, answers) => sum + answers, 0);
  };
}

test("threads are scaled and replaced under load: nobody is refused or reset, and a restart keeps the number", {
  timeout: 60_000,
}, async () => {
  const { running, command } = await start({});
  const stop = coming(running.port);
  const units = async () =>
    (await running.processes()).map(({ threads }) => threads.map(({ unit, incarnation }) => `${unit}#${incarnation}`));

  expect(await command("scale", "3", "--threads")).toMatchObject({ code: 0, stderr: "" });
  await running.until(/about has 3 threads in each process, and had 2/);
  expect((await units()).map((threads) => threads.length)).toEqual([3, 3]);
  expect(await command("restart", "p1.t2")).toMatchObject({ code: 0, stderr: "" });
  expect((await units())[0]).toEqual(["p1.t1#1", "p1.t2#2", "p1.t3#1"]);
  expect(await command("scale", "1", "--threads")).toMatchObject({ code: 0, stderr: "" });
  expect(await units()).toEqual([["p1.t1#1"], ["p2.t1#1"]]);
  expect(await command("scale", "2", "--threads")).toMatchObject({ code: 0, stderr: "" });

  expect(await stop()).toBeGreaterThan(10);
  for (const { lost, outcomes } of await running.processes()) {
    expect(lost).toBe(0);
    const { served = 0, goodbye = 0, ...others } = outcomes;
    expect(served + goodbye).toBeGreaterThan(0);
    expect(Object.values(others).every((count) => count === 0)).toBe(true);
  }
  expect(await command("scale", "100000", "--threads")).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("Can't scale to 100000. Give a whole number up to 512."),
  });
  const unknown = await command("restart", "p1.t7");
  expect(unknown).toMatchObject({ code: 64, stderr: "supervisor: there is no unit p1.t7; there are p1.t1, p1.t2\n" });

  process.kill((await running.processes())[0]?.pid ?? 0, "SIGKILL");
  await running.until(/p1 is ready \(incarnation 2\)/);
  expect((await units())[0]).toEqual(["p1.t1#1", "p1.t2#1"]);
  expect((await command("why", "p1.t2")).stdout).toMatch(
    /p1\.t2 incarnation 1 of p1 incarnation 1: restarted by command/,
  );
});

test("a thread that is too old is recycled, one at a time, while clients are served", { timeout: 60_000 }, async () => {
  const { running, command } = await start({
    topology: { processes: 1, threads: 2 },
    recycle: { threadAge: "1s", minLifetime: "100ms" },
  });
  const stop = coming(running.port);
  const [, unit = ""] = await running.until(/(p1\.t\d) is being recycled: \d+ s old, and its own limit is \d+ s/);
  await running.until(new RegExp(`${unit.replace(".", "\\.")} is ready \\(incarnation 2\\)`));
  expect(await stop()).toBeGreaterThan(0);
  const [only] = await running.processes();
  expect(only).toMatchObject({ incarnation: 1, lost: 0 });
  expect((await command("why", unit)).stdout).toMatch(/recycled: \d+ s old/);
});
