// Reloads: what comes first, what a failure leaves, and that no client ever notices.
import { expect, test } from "vitest";
import { connecting } from "./connecting.ts";
import { Client, RunningSupervisor, service } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

/** Asks for the version until it is the wanted one. */
async function version(port: number): Promise<string> {
  const client = await Client.connect(port);
  const reply = await client.ask("who\n", "line");
  client.socket.destroy();
  return reply.split(" ")[0] ?? "";
}

async function slots(running: RunningSupervisor): Promise<string[]> {
  return (await running.processes()).map(({ unit, incarnation, state }) => `${unit} ${incarnation} ${state}`);
}

test("a reload brings new code and configuration, and no client that connects meanwhile is refused or reset", async () => {
  const deployed = new VersionedService();
  const running = await deployed.running;
  const stop = connecting(running.port);
  for (let round = 2; round <= 3; round++) {
    deployed.deploy(`${round}`);
    deployed.configure({ topology: { processes: 2, threads: round } });
    expect(await deployed.command("reload")).toMatchObject({ code: 0, stderr: "" });
  }
  const counts = await stop();
  expect(counts).toMatchObject({ refused: 0, reset: 0 });
  expect(counts.served).toBeGreaterThan(0);
  expect(await version(running.port)).toBe("3");
  expect(await slots(running)).toEqual(["p1 3 ready", "p2 3 ready"]);
  expect((await running.processes()).map(({ threads }) => threads.length)).toEqual([3, 3]);
}, 60_000);

test("SIGHUP reloads, and a connection that is open is served to its end by the process it is on", async () => {
  const deployed = new VersionedService();
  const running = await deployed.running;
  const open = await Client.connect(running.port);
  expect(await open.ask("who\n", "line")).toMatch(/^1 /);
  deployed.deploy("2");
  running.signal("SIGHUP");
  await running.until(/p1 is ready \(incarnation 2\)/);
  await running.until(/is being reloaded/);
  expect(await open.ask("still here")).toBe("STILL HERE");
  open.socket.end();
  expect(await open.closed).toBe("closed");
  await running.until(/versioned is reloaded/);
  expect(await version(running.port)).toBe("2");
});

test("a configuration that can't be used changes nothing, is reported, and exits with 78", async () => {
  const deployed = new VersionedService();
  const running = await deployed.running;
  deployed.write('{ "entry": "./versioned.mjs", "topologie": {} }');
  const broken = await deployed.command("reload", "versioned");
  expect(broken.code).toBe(78);
  expect(broken.stderr).toMatch(/topologie/);
  running.signal("SIGHUP");
  await running.until(/SIGHUP: .*topologie/s);
  expect(await slots(running)).toEqual(["p1 1 ready", "p2 1 ready"]);
  expect(await version(running.port)).toBe("1");
});

const failures = {
  "code that does not parse": { atLoad: "this is no JavaScript;", says: /syntax error/ },
  "code that throws when it is loaded": { atLoad: 'throw new Error("no such table");', says: /no such table/ },
  "code that dies in a thread while it is on trial": {
    atLoad: 'setTimeout(() => { throw new Error("no such cache"); }, 300);',
    says: /p1\.t\d ended: uncaught Error: no such cache/,
  },
  "code that ends its process while it is on trial": {
    atLoad: "setTimeout(() => process.kill(process.pid), 300);setTimeout(() => process.kill(process.pid, 9), 400);",
    says: /killed by SIGKILL/,
  },
};

for (const [what, { atLoad, says }] of Object.entries(failures)) {
  test(`${what} is given up: the old processes serve on, untouched, and no client notices`, async () => {
    const deployed = new VersionedService({ reload: { soak: "10s" } });
    const running = await deployed.running;
    const before = (await running.processes()).map(({ pid }) => pid);
    const stop = connecting(running.port);
    deployed.deploy("2", { atLoad });
    const { code, stderr } = await deployed.command("reload", "versioned");
    expect(code).not.toBe(0);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/the old processes go on serving/);
    expect((await running.processes()).map(({ pid }) => pid)).toEqual(before);
    expect(await version(running.port)).toBe("1");
    expect(await stop()).toMatchObject({
      refused: 0,
      reset: what.includes("while it is on trial") ? expect.any(Number) : 0,
    });
  });
}

test("a second reload during a reload is turned away with 75, and the first goes on", async () => {
  const deployed = new VersionedService({ topology: { processes: 2, threads: 0 }, reload: { soak: "2s" } });
  const running = await deployed.running;
  const first = deployed.command("reload", "versioned");
  await running.until(/is being reloaded/);
  expect(await deployed.command("reload", "versioned")).toMatchObject({ code: 75 });
  expect(await first).toMatchObject({ code: 0 });
  expect(await slots(running)).toEqual(["p1 2 ready", "p2 2 ready"]);
});

test("SIGTERM during a reload gives the reload up and stops everything, with exit code 0", async () => {
  const deployed = new VersionedService({ topology: { processes: 2, threads: 0 }, reload: { soak: "20s" } });
  const running = await deployed.running;
  const reload = deployed.command("reload", "versioned");
  await running.until(/p1 is ready \(incarnation 2\)/);
  const pids = (await running.processes()).flatMap(({ pid, next }) => [pid ?? 0, next?.pid ?? 0]).filter(Boolean);
  expect(pids).toHaveLength(3);
  running.signal("SIGTERM");
  expect(await running.exited).toMatchObject({ code: 0 });
  expect((await reload).stderr).toMatch(/the supervisor is being stopped/);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("a listener that comes is served after the reload, and one that goes is refused", async () => {
  const deployed = new VersionedService({ topology: { processes: 1, threads: 0 }, listen: { first: "127.0.0.1:0" } });
  const running = await deployed.running;
  deployed.configure({ topology: { processes: 1, threads: 0 }, listen: { second: "127.0.0.1:0" } });
  expect(await deployed.command("reload", "versioned")).toMatchObject({ code: 0 });
  const [listener] = (await running.status()).services[0]?.listeners ?? [];
  expect(listener?.name).toBe("second");
  expect(await version(Number(listener?.address.split(":")[1]))).toBe("1");
  expect(await new Client(running.port).closed).toBe("refused");
});

test("a service without processes says that it needs a restart", async () => {
  const running = await RunningSupervisor.start([service("echo.ts"), "-p", "0", "-t", "1", "-l", "127.0.0.1:0"]);
  running.signal("SIGHUP");
  await running.until(/SIGHUP: restart needed: echo is served by the supervisor's own process/);
  expect(await (await Client.connect(running.port)).ask("hello")).toBe("HELLO");
});
