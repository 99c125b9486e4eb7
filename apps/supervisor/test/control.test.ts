// The control plane: who may ask for what, who is on record for it, and what a command says when it can't ask.
import { once } from "node:events";
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { ControlClient, PROTOCOL_VERSION } from "@plait/supervisor/client";
import { expect, onTestFinished, test } from "vitest";
import { Client, RunningSupervisor, service, supervisor, temporaryFolder } from "./supervisor-program.ts";

test("the socket for readers answers what changes nothing, and refuses the rest", async () => {
  const folder = temporaryFolder();
  const config = {
    entry: service("echo.ts"),
    listen: "127.0.0.1:0",
    topology: { processes: 1, threads: 0 },
    control: { readers: { path: "./readers.sock", mode: "0666", group: process.getgid?.() ?? 0 } },
  };
  writeFileSync(join(folder, "supervisor.config.json"), JSON.stringify(config));
  const running = await RunningSupervisor.start([folder]);
  const readers = join(folder, "readers.sock");
  expect(statSync(readers).mode & 0o777).toBe(0o666);
  expect(statSync(running.socket).mode & 0o777).toBe(0o600);

  const ask = (...args: string[]) => supervisor(args, { runtime: folder, cwd: folder });
  expect((await ask("status", readers)).stdout).toContain("supervisor echo");
  expect(await ask("why", "--name", readers)).toMatchObject({ code: 0, stdout: "nothing has not ended so far\n" });
  expect(await ask("logs", "--name", readers)).toMatchObject({ code: 0 });
  expect(await ask("plan", readers)).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing changes") });
  for (const command of [["stop"], ["reload"], ["scale", "2"], ["restart", "p1", "--name"]]) {
    const { code, stderr } = await ask(...command, readers);
    expect({ command, code }).toEqual({ command, code: 77 });
    expect(stderr).toContain("commands that only read");
  }
  expect((await running.status()).state).toBe("serving");
  expect((await running.call("logs", {})).entries.some(({ text }) => text.includes("asked for"))).toBe(false);
});

test("who asked for a change is on record, in their own words and without the arguments of a call", async () => {
  const running = await RunningSupervisor.start([service("echo.ts"), "-p", "1", "-t", "0", "-l", "127.0.0.1:0"]);
  await running.call("scale", { processes: 2 });
  await running.call("status", {});
  await running.call("call", { unit: "p1", method: "login", args: ["secret"] }).catch(() => {});
  running.signal("SIGTTOU");
  await running.until(/SIGTTOU asked for one process less/);
  const asked = (await running.call("logs", {})).entries
    .map(({ text }) => text)
    .filter((text) => text.includes("asked"));
  expect(asked).toEqual([
    expect.stringMatching(new RegExp(`^\\S+ \\(pid ${process.pid}\\) asked for scale processes=2$`)),
    expect.stringMatching(/asked for call unit="p1" method="login"$/),
    "SIGTTOU asked for one process less",
  ]);
});

test("plan honours the flags of the start: what a reload would read is what it compares", async () => {
  const folder = temporaryFolder();
  const config = { entry: service("echo.ts"), listen: "127.0.0.1:0", topology: { processes: 4, threads: 0 } };
  writeFileSync(join(folder, "supervisor.config.json"), JSON.stringify(config));
  const running = await RunningSupervisor.start([folder, "-p", "1"]);
  const { runtime } = running;
  expect((await supervisor(["plan"], { cwd: folder, runtime })).stdout).toContain("echo: nothing changes");
  const other = await supervisor(["plan", "--config", "supervisor.config.json"], { cwd: folder, runtime });
  expect(other.stdout).toContain("topology.processes: 1 -> 4 (live)");
});

test("a passphrase does not leave the supervisor", async () => {
  const listen = { port: 0, tls: { cert: "./cert.pem", key: "./key.pem", passphrase: "s3cret" } };
  const { hideSecrets } = await import("@plait/supervisor");
  const { parseUnknown } = await import("@plait/config");
  const folder = temporaryFolder();
  for (const file of ["cert.pem", "key.pem"]) writeFileSync(join(folder, file), "");
  const deployment = parseUnknown(
    { entry: service("echo.ts"), listen },
    { file: join(folder, "supervisor.config.json") },
  );
  expect(JSON.stringify(deployment)).toContain("s3cret");
  expect(JSON.stringify(hideSecrets(deployment))).not.toContain("s3cret");
});

test("a supervisor of another version is said to be one, with 76", async () => {
  const runtime = temporaryFolder();
  mkdirSync(join(runtime, "plait"), { mode: 0o700 });
  const error = { code: "ERR_PLAIT_CONTROL_VERSION", message: "this supervisor speaks version 2" };
  const other = createServer((socket) => {
    socket.on("data", () => socket.end(`${JSON.stringify({ id: null, ok: false, error })}\n`));
  }).listen(join(runtime, "plait", "echo.sock"));
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const exit = await supervisor(["status", "echo"], { runtime });
  expect(exit).toEqual({
    code: 76,
    signal: null,
    stdout: "",
    stderr: "supervisor: this supervisor speaks version 2\n",
  });
});

test("a socket that nobody answers on, and a folder that is open to others", async () => {
  const runtime = temporaryFolder();
  const folder = join(runtime, "plait");
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, "stale.sock"), "");
  for (const name of ["stale", "nobody"]) {
    const exit = await supervisor(["status", name], { runtime });
    expect(exit).toMatchObject({ code: 69, stdout: "" });
    expect(exit.stderr).toMatch(new RegExp(`^supervisor: no supervisor named "${name}" is running`));
  }
  chmodSync(folder, 0o777);
  const exit = await supervisor(["status", "stale"], { runtime });
  expect(exit).toMatchObject({ code: 77, stdout: "", stderr: expect.stringContaining("mode 0700") });
});

test.skipIf(process.getuid?.() === 0)("a socket of somebody else", async () => {
  const path = join(temporaryFolder(), "x.sock");
  const other = createServer().listen(path);
  await once(other, "listening");
  onTestFinished(() => void other.close());
  chmodSync(path, 0);
  expect(await supervisor(["status", path])).toMatchObject({ code: 77, stdout: "" });
});

test("the client's entry names its version and loads nothing that serves", async () => {
  expect(PROTOCOL_VERSION).toBe(1);
  await expect(ControlClient.open(join(temporaryFolder(), "x.sock"))).rejects.toMatchObject({
    code: "ERR_PLAIT_NOT_RUNNING",
  });
});

test("a supervisor that is stopped is told from one that is gone, and what it serves goes on", async () => {
  const running = await RunningSupervisor.start([service("echo.ts"), "-p", "1", "-t", "0", "-l", "127.0.0.1:0"]);
  using control = await ControlClient.open(running.socket);
  running.signal("SIGSTOP");
  await expect(control.call("status", {}, { timeout: 200 })).rejects.toMatchObject({
    code: "ERR_PLAIT_CONTROL_TIMEOUT",
    message: expect.stringContaining("SIGSTOP"),
  });
  const client = await Client.connect(running.port);
  expect(await client.ask("hello")).toBe("HELLO");
  client.socket.destroy();
  running.signal("SIGCONT");
  expect((await control.call("status", {})).state).toBe("serving");
});
