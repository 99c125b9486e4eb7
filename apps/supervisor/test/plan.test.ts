// supervisor plan: what the file would change about a running supervisor, without changing it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RunningSupervisor, service, supervisor, temporaryFolder } from "./supervisor-program.ts";

function write(folder: string, config: object): void {
  const shared = { entry: service("echo.ts"), listen: "127.0.0.1:0" };
  writeFileSync(join(folder, "supervisor.config.json"), JSON.stringify({ ...shared, ...config }));
}

test("plan names the keys that differ and the hardest of what they need, and touches nothing", async () => {
  const folder = temporaryFolder();
  write(folder, { topology: { processes: 1, threads: 1 } });
  const running = await RunningSupervisor.start([], { cwd: folder });
  const { runtime } = running;
  const same = await supervisor(["plan"], { cwd: folder, runtime });
  expect(same).toMatchObject({ code: 0, stderr: "" });
  expect(same.stdout).toContain("echo: nothing changes");

  write(folder, { topology: { processes: 1, threads: 2 }, stop: { drain: "3s" } });
  const plan = await supervisor(["plan", "--json"], { cwd: folder, runtime });
  expect(JSON.parse(plan.stdout)).toEqual({
    name: "echo",
    file: join(folder, "supervisor.config.json"),
    keys: [],
    changes: [
      {
        service: "echo",
        change: "roll",
        keys: [
          { key: "topology.threads", from: 1, to: 2, apply: "roll" },
          { key: "stop.drain", from: 20_000, to: 3_000, apply: "live" },
        ],
      },
    ],
  });
  const text = await supervisor(["plan", "echo"], { cwd: runtime, runtime });
  expect(text.stdout).toContain("echo: roll, its processes are replaced one by one");
  expect(text.stdout).toContain("topology.threads: 1 -> 2 (roll)");
  expect((await running.status()).services[0]?.topology.threads).toBe(1);
});

test("plan refuses a file that is wrong, and goes on serving", async () => {
  const folder = temporaryFolder();
  write(folder, { topology: { processes: 0, threads: 0 } });
  const running = await RunningSupervisor.start([], { cwd: folder });
  write(folder, { queue: -1 });
  const { runtime } = running;
  const plan = await supervisor(["plan", "echo"], { cwd: runtime, runtime });
  expect(plan).toMatchObject({ code: 78, stdout: "", stderr: expect.stringContaining("queue") });
  expect((await running.status()).state).toBe("serving");
});

test("plan for a module that was started without a file asks for one", async () => {
  const running = await RunningSupervisor.start([service("echo.ts"), "-p", "0", "-t", "0", "-l", "127.0.0.1:0"]);
  const { runtime } = running;
  const plan = await supervisor(["plan", "echo"], { cwd: runtime, runtime });
  expect(plan).toMatchObject({ code: 64, stdout: "", stderr: expect.stringContaining("--config") });
});

test("plan without a supervisor to ask", async () => {
  expect(await supervisor(["plan", "nobody"], { runtime: temporaryFolder() })).toMatchObject({ code: 69, stdout: "" });
});
