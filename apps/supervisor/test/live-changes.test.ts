// What changes while a service serves and replaces none of its processes: limits by a reload, and suspended listeners.
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Client, type RunningSupervisor } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

async function pids(running: RunningSupervisor): Promise<(number | null)[]> {
  return (await running.processes()).map(({ pid }) => pid);
}

/** Connects and asks; "limit" when it is closed without an answer. */
async function tried(port: number): Promise<{ client: Client; got: string }> {
  const client = new Client(port);
  return { client, got: await client.ask("hello").catch(() => "limit") };
}

/** What two clients get that come one after the other. */
async function two(port: number): Promise<string[]> {
  const clients = [await tried(port), await tried(port)];
  for (const { client } of clients) client.socket.destroy();
  await Promise.all(clients.map(({ client }) => client.closed));
  return clients.map(({ got }) => got);
}

const listening = (limits: object) => ({ listen: { main: { host: "127.0.0.1", port: 0, limits } } });

describe.each([
  { processes: 0, threads: 0 },
  { processes: 1, threads: 2 },
])("$processes × $threads", (topology) => {
  test("limits change by a reload and listeners are suspended, and no process is replaced", async () => {
    const deployed = new VersionedService({ topology, ...listening({}) });
    const running = await deployed.running;
    const before = await pids(running);
    const reload = async (limits: object) => {
      deployed.configure({ topology, ...listening(limits) });
      expect(await running.call("reload", {})).toEqual({ adjusted: ["versioned"] });
    };
    const open = await tried(running.port);
    expect(open.got).toBe("HELLO");

    deployed.configure({ topology, ...listening({ connections: 2 }) });
    expect(await deployed.command("reload")).toMatchObject({
      code: 0,
      stdout: "versioned has taken over the configuration; none of its processes had to be replaced\n",
    });
    await running.until(/versioned has taken over listen\.main\.limits\.connections; no process was replaced/);
    const second = await tried(running.port);
    expect(second.got).toBe("HELLO");
    expect((await tried(running.port)).got).toBe("limit");
    expect(await open.client.ask("still here")).toBe("STILL HERE");

    await reload({ connections: 3 });
    const third = await tried(running.port);
    expect(third.got).toBe("HELLO");

    await reload({ connections: 3, overload: "queue" });
    const queued = new Client(running.port);
    const answered = queued.ask("queued");
    expect(await open.client.ask("and here")).toBe("AND HERE");
    expect((await running.processes())[0]).toMatchObject({ connections: 3, waiting: 0 });
    third.client.socket.end();
    expect(await answered).toBe("QUEUED");

    await reload({ perAddress: { max: 1 } });
    // Counted from now on: this one is the first of its address.
    expect((await tried(running.port)).got).toBe("HELLO");
    expect((await tried(running.port)).got).toBe("limit");

    await reload({});
    expect(await deployed.command("suspend", "versioned/main")).toMatchObject({ code: 0, stderr: "" });
    const status = await deployed.command("status");
    expect(status.stdout).toMatch(/versioned\/main is suspended: new connections wait/);
    expect(status.stdout).toMatch(/127\.0\.0\.1:\d+ \(suspended\)/);
    const [{ total } = { total: 0 }] = await running.processes();
    const waiting = [1, 2, 3].map(() => new Client(running.port));
    const answers = Promise.all(waiting.map((client) => client.ask("waited")));
    expect(await open.client.ask("still here")).toBe("STILL HERE");
    expect((await running.processes())[0]).toMatchObject({ total, waiting: 0 });
    expect(await deployed.command("resume", "versioned/main")).toMatchObject({ code: 0, stderr: "" });
    expect(await answers).toEqual(["WAITED", "WAITED", "WAITED"]);
    expect((await running.status()).services[0]?.listeners).toMatchObject([{ suspended: false }]);
    expect(await pids(running)).toEqual(before);
  }, 40_000);
});

test("what was changed live holds for processes and threads that start later, and through a reload", async () => {
  const topology = { processes: 1, threads: 1 };
  const listen = (connections: number) => ({
    first: { host: "127.0.0.1", port: 0, limits: { connections } },
    second: { host: "127.0.0.1", port: 0 },
  });
  const deployed = new VersionedService({ topology, listen: listen(100) });
  const running = await deployed.running;
  const ports = (await running.status()).services[0]?.listeners.map(({ address }) => Number(address.split(":")[1]));
  const [first = 0, second = 0] = ports ?? [];

  deployed.configure({ topology, listen: listen(1) });
  await running.call("reload", {});
  await running.call("suspend", { service: "versioned", listener: "second" });
  await running.call("restart", { unit: "p1.t1" });
  expect(await two(first)).toEqual(["HELLO", "limit"]);
  for (const pid of await pids(running)) process.kill(pid ?? 0, "SIGKILL");
  await running.until(/p1 is ready \(incarnation 2\)/);
  expect(await two(first)).toEqual(["HELLO", "limit"]);
  deployed.deploy("2");
  expect(await running.call("reload", {})).toEqual({ adjusted: [] });
  const waiting = new Client(second);
  const answer = waiting.ask("who\n", "line");
  expect(await two(first)).toEqual(["HELLO", "limit"]);
  const { listeners, processes = [] } = (await running.status()).services[0] ?? {};
  expect(listeners).toMatchObject([{ suspended: false }, { suspended: true }]);
  expect(processes.map(({ incarnation }) => incarnation)).toEqual([3]);
  await running.call("resume", {});
  expect(await answer).toMatch(/^2 /);
}, 40_000);

test("processes are added live, and new code is never left out: with a module that was written since, it rolls", async () => {
  const deployed = new VersionedService({ topology: { processes: 1, threads: 0 } });
  const running = await deployed.running;
  const [pid] = await pids(running);
  deployed.configure({ topology: { processes: 2, threads: 0 }, stop: { drain: "1s" } });
  expect(await running.call("reload", {})).toEqual({ adjusted: ["versioned"] });
  const now = await pids(running);
  expect(now).toHaveLength(2);
  expect(now[0]).toBe(pid);
  await running.call("rollback", {});
  expect(await pids(running)).toEqual([pid]);
  deployed.deploy("2");
  deployed.configure({ topology: { processes: 1, threads: 0 }, stop: { drain: "1s" } });
  expect(await running.call("reload", {})).toEqual({ adjusted: [] });
  const client = await Client.connect(running.port);
  expect(await client.ask("who\n", "line")).toMatch(/^2 /);
});

test("certificates are read again without dropping anyone, and a broken one leaves the old in use", async () => {
  const certificates = fileURLToPath(new URL("../../../packages/net/test/certificates", import.meta.url));
  const tls = { cert: "./server.pem", key: "./server.key" };
  const topology = { processes: 2, threads: 1 };
  const deployed = new VersionedService({ topology, listen: { main: { host: "127.0.0.1", port: 0, tls } } });
  const install = (name: string) => {
    copyFileSync(join(certificates, `${name}.pem`), join(deployed.folder, "server.pem"));
    copyFileSync(join(certificates, `${name}.key`), join(deployed.folder, "server.key"));
  };
  install("localhost");
  const running = await deployed.running;
  const before = await pids(running);
  const open = async () => {
    const socket = connectTls({ port: running.port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    return socket;
  };
  const served = async () => {
    const sockets = [await open(), await open(), await open()];
    const serials = new Set(sockets.map((socket) => socket.getPeerX509Certificate()?.serialNumber));
    for (const socket of sockets) socket.destroy();
    return serials;
  };
  const serial = (name: string) => new X509Certificate(readFileSync(join(certificates, `${name}.pem`))).serialNumber;
  const old = await open();
  expect(await served()).toEqual(new Set([serial("localhost")]));
  install("renewed");
  expect(await deployed.command("reload", "--certificates")).toMatchObject({ code: 0, stderr: "" });
  expect(await served()).toEqual(new Set([serial("renewed")]));
  writeFileSync(join(deployed.folder, "server.pem"), "no certificate");
  const broken = await deployed.command("reload", "--certificates");
  expect(broken.code).toBe(78);
  expect(broken.stderr).toMatch(/server\.pem/);
  expect(await served()).toEqual(new Set([serial("renewed")]));
  old.write("still here");
  expect(String((await once(old, "data"))[0])).toBe("STILL HERE");
  old.destroy();
  expect(await pids(running)).toEqual(before);
});

test("what can't be suspended is said", async () => {
  const topology = { processes: 0, threads: 0 };
  const deployed = new VersionedService({ topology, listen: { main: "127.0.0.1:0", local: "./echo.sock" } });
  await deployed.running;
  const unix = await deployed.command("suspend", "versioned/local");
  expect(unix).toMatchObject({ code: 64, stderr: expect.stringMatching(/versioned\/local can't be suspended/) });
  const unknown = await deployed.command("suspend", "versioned/other");
  expect(unknown).toMatchObject({
    code: 64,
    stderr: expect.stringMatching(/no listener other; there are main, local/),
  });
  expect((await deployed.command("resume", "nobody/main")).stderr).toMatch(/no service nobody/);
});
