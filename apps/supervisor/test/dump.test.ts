// What units are doing, seen from outside, also of those that don't answer.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceDump } from "@plait/supervisor";
import { expect, test } from "vitest";
import { Client, RunningSupervisor, service, supervisor, temporaryFolder } from "./supervisor-program.ts";

async function start(processes: number, threads: number) {
  const folder = temporaryFolder();
  const file = join(folder, "supervisor.config.json");
  const config = {
    entry: service("stuck.ts"),
    listen: "127.0.0.1:0",
    topology: { processes, threads },
    watchdog: { report: "200ms", kill: 0 },
  };
  writeFileSync(file, JSON.stringify(config));
  const running = await RunningSupervisor.start([file]);
  const command = (...args: string[]) => supervisor(args, { runtime: running.runtime, cwd: folder });
  return { running, command, folder };
}

const stuck = service("stuck.ts");
const waits = (id: string) =>
  new RegExp(`${id.replaceAll(".", "\\.")} \\(\\d+\\): \\w+ on .* for \\d+ ms\\n +at file://${stuck}:7:\\d+`);

test("every coroutine with what it waits on and where; of a thread that loops its stack; profiles of both", {
  timeout: 60_000,
}, async () => {
  const { running, command, folder } = await start(1, 2);
  const [quiet, loud] = [await Client.connect(running.port), await Client.connect(running.port)];
  const id = (await quiet.ask("?\n", "line")).trim();
  const other = (await loud.ask("?\n", "line")).trim();
  const [unit = "", stuckUnit = ""] = [id, other].map((each) => each.replace(/\.c\d+$/, ""));

  loud.socket.write("loop\n");
  await running.until(/has blocked its event loop/);
  const { stdout } = await command("dump");
  expect(stdout).toMatch(waits(id));
  expect(stdout).toMatch(new RegExp(`${stuckUnit} is stuck in ${other}\\n +at loopForEver \\(${stuck}:16:\\d+\\)`));
  const [dumped] = JSON.parse((await command("dump", unit, "--json")).stdout) as ServiceDump[];
  expect(dumped?.processes[0]?.threads).toMatchObject([{ unit, blocked: null }]);
  expect(dumped?.processes[0]?.threads[0]?.tasks?.map(({ name }) => name)).toContain(id);
  const [alone] = JSON.parse((await command("dump", id, "--json")).stdout) as ServiceDump[];
  expect(alone?.processes[0]?.threads.map(({ tasks }) => tasks?.[0]?.name)).toEqual([id]);
  expect((await command("dump", `${unit}.c999`)).stderr).toMatch(/^supervisor: there is no unit p1\.t\d\.c999;/);
  const { stdout: byName } = await command("dump", (await running.status()).services[0]?.name ?? "");
  for (const each of ["p1.t1", "p1.t2"]) expect(byName).toContain(each);
  expect((await command("dump", "p7")).stderr).toMatch(
    /^supervisor: there is no unit p7; there are p1, p1\.t1, p1\.t2\n/,
  );

  const profiled = await command("profile", stuckUnit, "--seconds", "1", "--json");
  const { file } = JSON.parse(profiled.stdout) as { file: string };
  expect(readFileSync(file, "utf8")).toContain("stuck.ts");
  const main = join(folder, "main.heapsnapshot");
  expect(await command("profile", "p1", "--heap", "-o", main)).toMatchObject({ code: 0, stdout: `${main}\n` });
  expect(JSON.parse(readFileSync(main, "utf8")).snapshot.node_count).toBeGreaterThan(1000);
  expect(await quiet.ask("?\n", "line")).toBe(`${id}\n`);
});

test("a process whose main thread loops shows its stack and its profile all the same", {
  timeout: 60_000,
}, async () => {
  const { running, command, folder } = await start(1, 0);
  const client = await Client.connect(running.port);
  const id = (await client.ask("?\n", "line")).trim();
  expect((await command("dump")).stdout).toMatch(waits(id));
  client.socket.write("loop\n");
  const { stdout } = await command("dump");
  expect(stdout).toMatch(new RegExp(`p1 is stuck in ${id}\\n +at loopForEver \\(${stuck}:16:\\d+\\)`));
  const file = join(folder, "p1.cpuprofile");
  expect((await command("profile", "p1", "-s", "1", "-o", file)).code).toBe(0);
  expect(readFileSync(file, "utf8")).toContain("stuck.ts");
});
