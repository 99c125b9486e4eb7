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
});

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
