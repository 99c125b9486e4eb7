// Processes and threads die; clients keep connecting.
import { expect, test } from "vitest";
import { Client, RunningSupervisor, service } from "./supervisor-program.ts";

const start = (...flags: string[]) =>
  RunningSupervisor.start([service("echo.ts"), "-p", "2", "-t", "2", "-l", "127.0.0.1:0", ...flags]);

/** Three clients that connect, ask and leave in a loop, until told to stop; counts how each connection went. */
function connecting(port: number) {
  const counts = { served: 0, reset: 0, refused: 0 };
  let going = true;
  const clients = [1, 2, 3].map(async () => {
    while (going) {
      const client = new Client(port);
      const served = await client.ask("hello").then(
        (reply) => reply === "HELLO",
        () => false,
      );
      client.socket.end();
      const outcome = await client.closed;
      counts[served ? "served" : outcome === "refused" ? "refused" : "reset"]++;
    }
  });
  return async () => {
    going = false;
    await Promise.all(clients);
    return counts;
  };
}

test("kill -9 of one process, then of all: nobody is refused, they come back, and status says why", async () => {
  const running = await start();
  const stop = connecting(running.port);
  const [first] = await running.processes();
  process.kill(first?.pid ?? 0, "SIGKILL");
  await running.until(/p1 ended: killed by SIGKILL/);
  await running.until(/p1 is ready \(incarnation 2\)/);
  for (const { pid } of await running.processes()) process.kill(pid ?? 0, "SIGKILL");
  await running.until(/p1 is ready \(incarnation 3\)/);
  await running.until(/p2 is ready \(incarnation 2\)/);
  const counts = await stop();
  expect(counts.refused).toBe(0);
  expect(counts.served).toBeGreaterThan(0);
  // A connection that a process had accepted in the instant of its kill is reset: at most one a client and kill.
  expect(counts.reset).toBeLessThanOrEqual(9);
  const text = (await running.processes()).map(
    ({ unit, incarnation, lastExit }) => `${unit} ${incarnation} ${lastExit}`,
  );
  expect(text).toEqual(["p1 3 killed by SIGKILL", "p2 2 killed by SIGKILL"]);
});

test("an error thrown from a timer ends its thread only, and the thread comes back", async () => {
  const running = await start();
  const clients = await Promise.all(Array.from({ length: 24 }, () => Client.connect(running.port)));
  const units = await Promise.all(
    clients.map(async (client) => (await client.ask("who\n", "line")).replace(/\.c\d+\n$/, "")),
  );
  const victim = units[0] ?? "";
  clients[0]?.socket.write("throw in a timer");
  await clients[0]?.closed;
  await running.until(new RegExp(`${victim} ended: uncaught Error: boom`));
  for (const [index, client] of clients.entries()) {
    if (units[index] === victim) expect(await client.closed).toMatch(/closed|reset/);
    else expect(await client.ask("still here")).toBe("STILL HERE");
  }
  await running.until(new RegExp(`${victim} is ready \\(incarnation 2\\)`));
  const thread = (await running.processes()).flatMap(({ threads }) => threads).find(({ unit }) => unit === victim);
  expect(thread).toMatchObject({ incarnation: 2, lastExit: "uncaught Error: boom" });
  expect(thread?.lost).toBe(units.filter((unit) => unit === victim).length);
});

test("a killed supervisor leaves no process behind", async () => {
  const running = await start();
  const pids = (await running.processes()).map(({ pid }) => pid ?? 0);
  running.signal("SIGKILL");
  await running.exited;
  for (const pid of pids) {
    while (isAlive(pid)) await new Promise(setImmediate);
  }
});

test("the connections of a thread that keeps dying are given up only after its process was replaced", async () => {
  const running = await start();
  for (let round = 0; round < 11; round++) {
    const client = new Client(running.port);
    client.socket.write("throw in a timer");
    await client.closed;
  }
  await running.until(/p[12] ended: .*restarted \d+ times/);
  await running.until(/p[12] is ready \(incarnation 2\)/);
  expect(await (await Client.connect(running.port)).ask("hello")).toBe("HELLO");
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
