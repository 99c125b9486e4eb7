// Limits with two threads in a process: what is counted together, and each thing that can happen above a limit.
import { expect, test } from "vitest";
import { Client } from "./supervisor-program.ts";
import { VersionedService } from "./versions.ts";

const overloads = { close: "close", reset: "reset", farewell: { farewell: "too many\n" }, queue: "queue" };
const limits = { total: { connections: 2 }, address: { perAddress: { max: 2 } } };

/** What happens to a connection above the limit. The kernel's queue is for the number of connections alone. */
const expected = {
  total: { close: "closed", reset: "reset", farewell: "too many\n", queue: "waits" },
  address: { close: "closed", reset: "reset", farewell: "too many\n", queue: "closed" },
};

/** The thread that serves a client. */
async function threadOf(client: Client): Promise<string> {
  return /p1\.t\d/.exec(await client.ask("who\n", "line"))?.[0] ?? "none";
}

/** Asks again and again until somebody is served: a connection that has ended here may be counted there for a moment. */
async function served(port: number): Promise<Client> {
  for (;;) {
    const client = new Client(port);
    if ((await client.ask("me", "same length").catch(() => "")) === "ME") return client;
  }
}

test("two threads count together, and what happens above a limit is what was chosen", async () => {
  const listen = Object.fromEntries(
    Object.entries(limits).flatMap(([what, limit]) =>
      Object.entries(overloads).map(([how, overload]) => [
        `${what}-${how}`,
        { host: "127.0.0.1", port: 0, limits: { ...limit, overload } },
      ]),
    ),
  );
  // In turn, so that the two connections that a listener lets in are on two threads.
  const topology = { processes: 1, threads: 2 };
  const deployed = new VersionedService({ topology, listen, placement: "round-robin" });
  const running = await deployed.running;
  const [{ listeners } = { listeners: [] }] = (await running.status()).services;
  const ports = new Map(listeners.map(({ name, address }) => [name, Number(address.split(":").at(-1))]));

  for (const [what, outcomes] of Object.entries(expected)) {
    for (const [how, outcome] of Object.entries(outcomes)) {
      const port = ports.get(`${what}-${how}`) ?? 0;
      const [a, b] = [await Client.connect(port), await Client.connect(port)];
      expect([await threadOf(a), await threadOf(b)].sort(), `${what}-${how}`).toEqual(["p1.t1", "p1.t2"]);
      const third = new Client(port);
      if (outcome === "waits") {
        const answered = third.ask("at last");
        expect(await a.ask("still two")).toBe("STILL TWO");
        a.socket.end();
        expect(await answered, `${what}-${how}`).toBe("AT LAST");
      } else {
        if (how === "farewell") expect(await third.ask("", "line")).toBe(outcome);
        expect(await third.closed, `${what}-${how}`).toBe(how === "reset" ? "reset" : "closed");
        a.socket.end();
        (await served(port)).socket.destroy();
      }
      b.socket.destroy();
    }
  }
  const [process] = await running.processes();
  expect(process?.outcomes.limit).toBeGreaterThanOrEqual(7);
});

test("what a thread had counted is free again when it dies", async () => {
  const topology = { processes: 1, threads: 2 };
  const listen = { main: { host: "127.0.0.1", port: 0, limits: { connections: 2, perAddress: { max: 2 } } } };
  const deployed = new VersionedService({ topology, listen, placement: "round-robin" });
  deployed.deploy("1", { onText: `if (text === "die") setImmediate(() => { throw new Error("no such table"); });` });
  const running = await deployed.running;
  const [a, b] = [await Client.connect(running.port), await Client.connect(running.port)];
  expect(await threadOf(a)).not.toBe(await threadOf(b));
  expect(await new Client(running.port).closed).toBe("closed");
  b.socket.write("die");
  await b.closed;
  const next = await served(running.port);
  expect(await a.ask("still here")).toBe("STILL HERE");
  next.socket.destroy();
});
