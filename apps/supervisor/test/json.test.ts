// What commands print with --json, and what the control socket answers, is what their shapes say.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { contract } from "@plait/supervisor/shapes";
import { expect, test } from "vitest";
import { jsonShapes } from "../src/json-shapes.ts";
import { Client, RunningSupervisor, service, supervisor, temporaryFolder } from "./supervisor-program.ts";

/** A supervisor about which there is something to tell: a thread that died, a client, a method, a changed file. */
async function start() {
  const folder = temporaryFolder();
  const write = (config: object) => {
    const shared = { entry: service("talkative.ts"), listen: "127.0.0.1:0", reload: { soak: 0 } };
    writeFileSync(join(folder, "supervisor.config.json"), JSON.stringify({ ...shared, ...config }));
  };
  write({ topology: { processes: 1, threads: 1 } });
  const running = await RunningSupervisor.start([folder]);
  const dying = await Client.connect(running.port);
  dying.socket.write("die\n");
  await running.until(/p1\.t1 is ready \(incarnation 2\)/);
  const client = await Client.connect(running.port);
  await client.ask("out hello\n", "line");
  return { running, folder, client, write };
}

test("every command prints what its shape says", { timeout: 60_000 }, async () => {
  const { running, folder, client, write } = await start();
  const printed: Record<string, unknown> = {};
  const run = async (command: string, ...args: string[]) => {
    const { code, stdout, stderr } = await supervisor([...command.split(" "), ...args, "--json"], {
      cwd: folder,
      runtime: running.runtime,
    });
    expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: "" });
    return stdout;
  };
  const read = async (command: string, ...args: string[]) => {
    printed[command] = JSON.parse(await run(command, ...args));
  };
  write({ topology: { processes: 2, threads: 1 }, stop: { drain: "1s" } });
  await Promise.all([
    read("status"),
    read("why"),
    read("plan"),
    read("check"),
    read("dump", "--locals"),
    read("init", "shop", "--yes"),
    read("profile", "p1.t1", "--seconds", "1", "--output", join(folder, "a.cpuprofile")),
    run("logs").then((lines) => {
      printed.logs = JSON.parse(lines.split("\n")[0] ?? "");
    }),
  ]);
  client.socket.end();
  await client.closed;
  await read("scale", "1");
  await read("restart", "p1");
  await read("reload");
  await read("rollback");
  await read("verify reload", "--clients", "1", "--reloads", "1", "--send", "who\\n");
  await read("stop", "--hurry");
  await read("start --detach", "-p", "0", "-t", "0");
  await read("stop");

  for (const [command, shape] of Object.entries(jsonShapes)) {
    // Its answer is the service's own.
    if (command === "call") continue;
    expect(shape.safeParse(printed[command]).error, command).toBeUndefined();
  }
  // The shapes have been seen full.
  expect(printed.why).not.toEqual([]);
  expect(JSON.stringify(printed.dump)).toContain('"waitingOn"');
  expect(printed.plan).toMatchObject({ changes: [{ change: "live" }] });
});

test("the control socket answers what its contract says", async () => {
  const { running, client } = await start();
  for (const command of ["status", "configuration", "plan", "why", "logs", "dump", "reopen-logs"] as const) {
    const result = await running.call(command, {});
    expect(contract[command].result.safeParse(result).error, command).toBeUndefined();
  }
  client.socket.destroy();
  const { stdout } = await supervisor(["status", "--json"], { runtime: running.runtime, cwd: running.runtime });
  expect(jsonShapes.status?.safeParse({ ...JSON.parse(stdout), more: 1 }).success).toBe(false);
  expect(contract.scale.params.safeParse({ processes: -1 }).success).toBe(false);
  expect(contract.logs.params.safeParse({ levle: "warn" }).success).toBe(false);
});
