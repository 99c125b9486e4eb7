// What a user gets wrong: one clear paragraph, no stack trace, the right exit code, and nothing left running.

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { RunningSupervisor, service, supervisor, temporaryFolder } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

const anyPort = ["-l", "127.0.0.1:0"];
const topologies = [
  ["0×0", ["-p", "0", "-t", "0"]],
  ["1×1", ["-p", "1", "-t", "1"]],
] as const;

/** Runs a command that has to fail, and checks the form of what it says. */
async function mistake(args: readonly string[], options: { cwd?: string; runtime?: string } = {}) {
  const exit = await supervisor(args, { runtime: temporaryFolder(), ...options });
  expect(exit.stdout).toBe("");
  expect(exit.stderr).not.toMatch(/\n\s+at /);
  expect(exit.stderr).toMatch(/^supervisor: |^\(see/m);
  return exit;
}

test("a port that is in use", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const exit = await mistake(["start", service("echo.ts"), "-l", `127.0.0.1:${port}`]);
  expect(exit).toMatchObject({ code: 71 });
  expect(exit.stderr).toBe(
    `supervisor: cannot bind 127.0.0.1:${port}: another program is listening on it (EADDRINUSE); stop that program or choose another port\n`,
  );
});

test.skipIf(process.getuid?.() === 0)("a privileged port", async () => {
  expect(await mistake(["start", service("echo.ts"), "-l", "127.0.0.1:1"])).toMatchObject({ code: 71 });
});

test("an address that this machine does not have", async () => {
  expect(await mistake(["start", service("echo.ts"), "-l", "203.0.113.1:8080"])).toMatchObject({ code: 71 });
});

test("an entry that does not exist", async () => {
  const exit = await mistake(["start", service("echoo.ts"), ...anyPort]);
  expect(exit).toMatchObject({ code: 78 });
  expect(exit.stderr).toMatch(/echoo\.ts.*echo\.ts/);
});

test.each(topologies)("an entry that exports no service, on %s", async (_, topology) => {
  const exit = await mistake(["start", service("no-service.ts"), ...topology, ...anyPort]);
  expect(exit).toMatchObject({ code: 78 });
  expect(exit.stderr).toMatch(/no-service\.ts has no default export.*defineService/);
});

test.each(topologies)("an entry with a syntax error, on %s", async (_, topology) => {
  const entry = join(temporaryFolder(), "broken.ts");
  writeFileSync(entry, "export default {{\n");
  const exit = await mistake(["start", entry, ...topology, ...anyPort]);
  expect(exit).toMatchObject({ code: 78 });
  expect(exit.stderr).toContain(entry);
});

test.each(topologies)("an entry that throws while it is loaded, on %s", async (_, topology) => {
  const exit = await mistake(["start", service("throws.ts"), ...topology, ...anyPort]);
  expect(exit).toMatchObject({ code: 78 });
  expect(exit.stderr).toContain("the database is not configured");
});

test("a negative number", async () => {
  const exit = await mistake(["start", service("echo.ts"), "--processes=-1"]);
  expect(exit).toMatchObject({ code: 64 });
  expect(exit.stderr).toContain('"-1" is not a whole number from 0 on');
});

test("a name that could leave the folder of control sockets", async () => {
  expect(await mistake(["start", service("echo.ts"), "--name", "../../evil"])).toMatchObject({ code: 64 });
});

test("a misspelt command and a misspelt flag are answered with the nearest one", async () => {
  expect(await mistake(["statsu"])).toMatchObject({ code: 64, stderr: expect.stringContaining("status") });
  const exit = await mistake(["start", service("echo.ts"), "--proceses", "2"]);
  expect(exit).toMatchObject({ code: 64, stderr: expect.stringContaining("--processes") });
});

test("a configuration with an unknown key names it and suggests the nearest one", async () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, "supervisor.config.json"),
    JSON.stringify({ entry: service("echo.ts"), topology: { procesess: 2 } }),
  );
  const exit = await mistake(["start"], { cwd: folder });
  expect(exit).toMatchObject({ code: 78 });
  expect(exit.stderr).toMatch(/supervisor\.config\.json: .*procesess.*processes/);
});

test("a configuration with a syntax error, or negative numbers", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "supervisor.config.ts");
  writeFileSync(file, "export default {{\n");
  const broken = await mistake(["start", file]);
  expect(broken).toMatchObject({ code: 78 });
  expect(broken.stderr).toContain("supervisor.config.ts");
  writeFileSync(file, `export default { entry: ${JSON.stringify(service("echo.ts"))}, queue: -5 };\n`);
  const negative = await mistake(["start", file]);
  expect(negative).toMatchObject({ code: 78, stderr: expect.stringContaining("queue") });
});

test("a topology that this machine can't carry", async () => {
  const exit = await mistake(["start", service("echo.ts"), "-p", "4000", "-t", "500", ...anyPort]);
  expect(exit).toMatchObject({ code: 78 });
  expect(exit.stderr).toMatch(/memory/);
});

test("threads that accept for themselves, and no process that they could get the socket from", async () => {
  const path = join(temporaryFolder(), "echo.sock");
  const unix = await mistake(["start", service("echo.ts"), "-p", "0", "-t", "1", "-l", path]);
  expect(unix).toMatchObject({ code: 78 });
  expect(unix.stderr).toMatch(/is a unix socket.*topology\.processes is 0; write at least 1, or topology\.threads: 0/);
  const file = join(temporaryFolder(), "supervisor.config.json");
  const deployed = (accept: string, path?: string) => {
    const listen = path === undefined ? { host: "127.0.0.1", port: 0, accept } : { path, accept };
    writeFileSync(file, JSON.stringify({ entry: service("echo.ts"), listen, topology: { processes: 0, threads: 1 } }));
    return mistake(["check", file]);
  };
  expect((await deployed("direct")).stderr).toMatch(/is "direct".*topology\.processes is 0/);
  expect((await deployed("handoff", path)).stderr).toMatch(/can't be handed to threads; leave accept out/);
  expect((await deployed("both")).stderr).toMatch(/"handoff" or "direct"/);
});

test("no supervisor to talk to", async () => {
  expect(await mistake(["status"], { cwd: temporaryFolder() })).toMatchObject({
    code: 69,
    stderr: "supervisor: no supervisor is running\n",
  });
  expect(await mistake(["stop", "nobody"])).toMatchObject({ code: 69 });
});

test("a configuration that was broken since: commands find its supervisor all the same, and a reload says what is wrong", async () => {
  const deployed = new VersionedService();
  const running = await deployed.running;
  deployed.write("{ broken");
  expect(await deployed.command("reload")).toMatchObject({ code: 78, stderr: expect.stringMatching(/Syntax error/) });
  expect(await deployed.command("status")).toMatchObject({ code: 0, stderr: "" });
  expect(await deployed.command("stop")).toMatchObject({ code: 0, stderr: "" });
  expect(await running.exited).toMatchObject({ code: 0 });
  expect(await deployed.command("status")).toMatchObject({ code: 78, stderr: expect.stringMatching(/Syntax error/) });
});

test("a name that another supervisor has", async () => {
  const running = await RunningSupervisor.start([service("echo.ts"), "-p", "0", "-t", "0", ...anyPort]);
  const { runtime } = running;
  // Also where it has the address: a second one of the same configuration.
  const same = ["-l", `127.0.0.1:${running.port}`];
  const exit = await mistake(["start", service("echo.ts"), "-p", "1", "-t", "0", ...same], { runtime });
  expect(exit).toMatchObject({ code: 73 });
  expect(exit.stderr).toContain('a supervisor named "echo" is already running');
  expect((await running.status()).state).toBe("serving");
});

test("the control socket that a killed supervisor left behind is taken over", async () => {
  const first = await RunningSupervisor.start([service("echo.ts"), "-p", "0", "-t", "0", ...anyPort]);
  first.signal("SIGKILL");
  await first.exited;
  const { runtime } = first;
  const second = await RunningSupervisor.start([service("echo.ts"), "-p", "0", "-t", "0", ...anyPort], { runtime });
  expect((await second.status()).pid).toBe(second.child.pid);
});

test("supervisor stop ends a running supervisor and returns when it has ended", async () => {
  const running = await RunningSupervisor.start([service("echo.ts"), "-p", "1", "-t", "1", ...anyPort]);
  const { runtime } = running;
  expect(await supervisor(["stop", "echo"], { runtime })).toMatchObject({ code: 0, stderr: "" });
  expect(await running.exited).toMatchObject({ code: 0 });
});

test("what is no terminal gets no colours, in a CI job either", async () => {
  const check = await supervisor(["check", service("echo.ts")], { env: { NO_COLOR: "", FORCE_COLOR: "", CI: "true" } });
  expect(check).toMatchObject({ code: 0, stderr: "" });
  expect(check.stdout).not.toContain("\u001b");
});
