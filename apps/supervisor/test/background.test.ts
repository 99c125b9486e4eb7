// start --detach and --watch, and "supervisor" alone.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ControlClient } from "@plait/supervisor";
import { expect, onTestFinished, test } from "vitest";
import { Client, Program, RunningSupervisor, service, supervisor, temporaryFolder } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

function folder(config: object = {}): string {
  const made = temporaryFolder();
  const shared = { entry: service("echo.ts"), listen: "127.0.0.1:0", topology: { processes: 1, threads: 1 } };
  writeFileSync(join(made, "supervisor.config.json"), JSON.stringify({ ...shared, ...config }));
  // Whatever the test comes to, nothing goes on serving in the background.
  onTestFinished(async () => {
    const client = await ControlClient.open(join(made, "plait", "echo.sock")).catch(() => undefined);
    await client?.call("stop", { hurry: true });
    client?.close();
  });
  return made;
}

test("alone, supervisor starts what the folder describes, then tells its status; detached, it goes on by itself", async () => {
  const cwd = folder();
  const started = await supervisor(["start", "--detach", "--json"], { cwd, runtime: cwd });
  expect(started).toMatchObject({ code: 0, stderr: "" });
  const { pid, services } = JSON.parse(started.stdout);
  expect(() => process.kill(pid, 0)).not.toThrow();
  const client = await Client.connect(Number(services[0].listeners[0].address.split(":")[1]));
  expect(await client.ask("hello")).toBe("HELLO");
  client.socket.end();
  const status = await supervisor([], { cwd, runtime: cwd });
  expect(status).toMatchObject({ code: 0, stderr: "" });
  expect(status.stdout).toContain(`supervisor echo, pid ${pid}, serving`);
  const again = await supervisor(["start", "-d"], { cwd, runtime: cwd });
  expect(again).toMatchObject({ code: 73, stdout: "", stderr: expect.stringContaining("already running") });
  expect(await supervisor(["stop"], { cwd, runtime: cwd })).toMatchObject({ code: 0 });
  const foreground = new Program([], { cwd, runtime: cwd });
  await foreground.until(/stop {2}Ctrl-C/, "stdout");
  foreground.child.kill("SIGTERM");
  expect(await foreground.exited).toMatchObject({ code: 0 });
});

test("what keeps a detached supervisor from serving is said, with its code", async () => {
  const cwd = folder({ entry: service("throws.ts") });
  const exit = await supervisor(["start", "--detach"], { cwd, runtime: cwd });
  expect(exit).toMatchObject({
    code: 78,
    stdout: "",
    stderr: expect.stringContaining("the database is not configured"),
  });
  expect(await supervisor(["start", "--json"], { cwd, runtime: cwd })).toMatchObject({ code: 64, stdout: "" });
});

test("alone, in a folder without a configuration, supervisor shows what there is", async () => {
  const exit = await supervisor([], { cwd: temporaryFolder() });
  expect(exit).toMatchObject({ code: 64, stderr: expect.stringMatching(/start.*serve a module/) });
});

test("under --watch a change of the code is served within moments, and code that fails leaves the old one serving", async () => {
  const deployed = new VersionedService({ topology: { processes: 1, threads: 0 }, reload: { soak: "1h" } });
  const running = await RunningSupervisor.start([deployed.folder, "--watch"]);
  const version = async () => {
    const client = await Client.connect(running.port);
    const reply = await client.ask("who\n", "line");
    client.socket.destroy();
    return reply.split(" ")[0];
  };
  expect(await version()).toBe("1");
  deployed.deploy("2");
  await running.until(/versioned\.mjs changed\n.*\n(.*\n)*?.*is reloaded/);
  expect(await version()).toBe("2");
  deployed.deploy("3", { atLoad: "throw new Error('not yet');" });
  await running.until(/not yet/);
  expect(await version()).toBe("2");
  await running.until(/was not reloaded/);
  deployed.deploy("4");
  await running.until(/(is reloaded[\s\S]*){2}/);
  expect(await version()).toBe("4");
});

test("a reader that goes away ends a command as SIGPIPE would, without a word", async () => {
  const cwd = folder();
  expect(await supervisor(["start", "--detach"], { cwd, runtime: cwd })).toMatchObject({ code: 0 });
  for (const command of ["status", "logs", "why", "check", "plan", "schema", "--help"]) {
    const program = new Program([command], { cwd, runtime: cwd });
    program.child.stdout?.destroy();
    const { code, stderr } = await program.exited;
    expect({ command, code, stderr }).toEqual({ command, code: 141, stderr: "" });
  }
});
