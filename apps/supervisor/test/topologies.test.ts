// The same promises on every topology: what a service's author sees does not depend on how many units carry it.
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, type ProgramOptions, RunningSupervisor, refused, service, sharing } from "./supervisor-program.ts";

const topologies = [
  { processes: 0, threads: 0, units: ["p1"] },
  { processes: 0, threads: 2, units: ["p1.t1", "p1.t2"] },
  { processes: 2, threads: 0, units: ["p1", "p2"] },
  { processes: 2, threads: 2, units: ["p1.t1", "p1.t2", "p2.t1", "p2.t2"] },
];

describe.each(topologies)("$processes × $threads", ({ processes, threads, units }) => {
  const start = (entry = "echo.ts", flags: string[] = [], options: ProgramOptions = {}) => {
    const args = [service(entry), "-p", `${processes}`, "-t", `${threads}`, "-l", "127.0.0.1:0", ...flags];
    return RunningSupervisor.start(args, options);
  };

  describe("one supervisor, its connections one after the other and at once", () => {
    const shared = sharing();
    let running: RunningSupervisor;
    beforeAll(async () => {
      running = await start("echo.ts", [], { onTestFinished: shared.add });
    });
    afterAll(shared.end);

    test("prints the units as a tree and answers each client", async () => {
      for (const unit of units) expect(running.stdout).toContain(unit);
      const client = await Client.connect(running.port);
      expect(await client.ask("hello")).toBe("HELLO");
      expect(await client.ask("again")).toBe("AGAIN");
    });

    test("serves many connections at once, each in its own coroutine of a known unit", async () => {
      const clients = await Promise.all(Array.from({ length: 40 }, () => Client.connect(running.port)));
      const ids = await Promise.all(clients.map((client) => client.ask("who\n", "line")));
      expect(new Set(ids).size).toBe(40);
      for (const id of ids) expect(units).toContain(id.trim().replace(/\.c\d+$/, ""));
      const status = await running.processes();
      expect(status.reduce((sum, process) => sum + process.connections, 0)).toBeGreaterThanOrEqual(40);
    });

    test("carries a message that is larger than every buffer on the way", async () => {
      const client = await Client.connect(running.port);
      const text = "abcdefgh".repeat(512 * 1024);
      expect((await client.ask(text)) === text.toUpperCase()).toBe(true);
    });

    test("answers what came before the peer closed its half", async () => {
      const client = await Client.connect(running.port);
      const reply = client.ask("last words");
      client.socket.end();
      expect(await reply).toBe("LAST WORDS");
      expect(await client.closed).toBe("closed");
    });

    test("an error in a handler ends that connection alone and is reported once, with its id", async () => {
      const other = await Client.connect(running.port);
      expect(await other.ask("a")).toBe("A");
      const client = await Client.connect(running.port);
      client.socket.write("throw in the handler");
      await client.closed;
      await running.until(/TypeError: handler failed/);
      expect(running.stderr).toMatch(/p\d(\.t\d)?\.c\d+/);
      expect(await other.ask("b")).toBe("B");
      expect(running.stderr.match(/handler failed/g)).toHaveLength(1);
    });

    test("a peer that resets its connection is not an error of the service", async () => {
      const client = await Client.connect(running.port);
      expect(await client.ask("a")).toBe("A");
      client.socket.resetAndDestroy();
      const other = await Client.connect(running.port);
      expect(await other.ask("b")).toBe("B");
      expect(running.stderr).not.toMatch(/ECONNRESET|EPIPE|ConnectionResetError/);
    });
  });

  // Between the extremes, what follows differs in nothing.
  const isExtreme = (processes === 0) === (threads === 0);
  const everywhere = isExtreme || process.env.PLAIT_LONG ? test : test.skip;

  everywhere("serves the same service written with async and await", async () => {
    const running = await start("echo-async.ts");
    expect(await (await Client.connect(running.port)).ask("hello")).toBe("HELLO");
  });

  everywhere("offloads computation to another thread of the same process", async () => {
    const running = await start("offload.ts");
    const client = await Client.connect(running.port);
    client.socket.write("hello");
    const [answer] = (await once(client.socket, "data")) as [Buffer];
    expect(String(answer)).toBe("HELLO elsewhere");
  });

  test("past the cap of coroutines, connections wait and are then served; none is refused", async () => {
    const running = await start("echo.ts", ["--coroutines", "1"]);
    const clients = Array.from({ length: 12 }, () => new Client(running.port));
    const served = clients.map(async (client) => {
      const reply = await client.ask("hi");
      client.socket.end();
      return `${reply} ${await client.closed}`;
    });
    expect(await Promise.all(served)).toEqual(Array(12).fill("HI closed"));
  });

  test("a unit that is full leaves connections to the others: all of the capacity is used at once", async () => {
    const running = await start("echo.ts", ["--coroutines", "1"]);
    const clients = await Promise.all(units.map(() => Client.connect(running.port)));
    const ids = await Promise.all(clients.map((client) => client.ask("who\n", "line")));
    expect(new Set(ids.map((id) => id.trim().replace(/\.c\d+$/, "")))).toEqual(new Set(units));
  });

  test("a stop accepts no more, lets what is in flight finish, and exits with 0", async () => {
    const running = await start();
    const client = await Client.connect(running.port);
    expect(await client.ask("a")).toBe("A");
    running.signal("SIGTERM");
    await running.until(/finishing what is in flight/);
    expect(await client.ask("still served")).toBe("STILL SERVED");
    await refused(running.port);
    client.socket.end();
    expect(await client.closed).toBe("closed");
    expect(await running.exited).toMatchObject({ code: 0 });
  });

  everywhere("a second signal gives up what is in flight", async () => {
    const running = await start();
    const client = await Client.connect(running.port);
    expect(await client.ask("a")).toBe("A");
    running.signal("SIGINT");
    await running.until(/finishing what is in flight/);
    running.signal("SIGINT");
    await client.closed;
    expect(await running.exited).toMatchObject({ code: 0 });
  });
});
