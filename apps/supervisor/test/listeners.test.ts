// What a listener does before its connections are served, from the configuration to the client.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, connect as connectUnix } from "node:net";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Client, RunningSupervisor, service, temporaryFolder } from "./supervisor-program.ts";

const certificates = fileURLToPath(new URL("../../../packages/net/test/certificates", import.meta.url));

const python = spawnSync("python3", ["--version"]).status === 0;

const topologies = [
  { processes: 0, threads: 0, accept: "handoff" },
  { processes: 1, threads: 2, accept: "handoff" },
  // direct.test.ts has what is different with it.
  ...(process.env.PLAIT_LONG ? [{ processes: 1, threads: 2, accept: "direct" }] : []),
];

describe.each(topologies)("$processes × $threads, $accept", ({ accept, ...topology }) => {
  async function start(
    listeners: Readonly<Record<string, object>>,
    entry: string = service("echo.ts"),
  ): Promise<{ running: RunningSupervisor; ports: Record<string, number> }> {
    const file = join(temporaryFolder(), "supervisor.config.json");
    const listen = Object.fromEntries(Object.entries(listeners).map(([name, each]) => [name, { ...each, accept }]));
    writeFileSync(file, JSON.stringify({ entry, topology, listen }));
    const running = await RunningSupervisor.start([file]);
    const [service] = (await running.status()).services;
    const ports = Object.fromEntries(
      (service?.listeners ?? []).map(({ name, address }) => [name, Number(address.split(":").at(-1))]),
    );
    return { running, ports };
  }

  test("several named listeners serve at once, one of them with TLS whose sessions are resumed in every unit", async () => {
    const files = { cert: join(certificates, "localhost.pem"), key: join(certificates, "localhost.key") };
    const tcp = { host: "127.0.0.1", port: 0 };
    const { ports } = await start({ plain: tcp, secure: { ...tcp, tls: { ...files, minVersion: "TLSv1.2" } } });
    expect(await (await Client.connect(ports.plain ?? 0)).ask("hello")).toBe("HELLO");
    const secure = {
      port: ports.secure ?? 0,
      host: "127.0.0.1",
      rejectUnauthorized: false,
      maxVersion: "TLSv1.2",
    } as const;
    const first = connectTls(secure);
    expect(await reply(first)).toBe("HELLO");
    const session = first.getSession();
    if (!session) throw new Error("the server gave no session");
    for (let unit = 0; unit < 3; unit++) {
      const next = connectTls({ ...secure, session });
      expect(await reply(next)).toBe("HELLO");
      expect(next.isSessionReused()).toBe(true);
      next.destroy();
    }
    first.destroy();
  });

  test.skipIf(!python)(
    "no-delay and keep-alive reach the kernel, in whichever unit a connection is served",
    async () => {
      const entry = fileURLToPath(new URL("../../../packages/net/test/services/socket-options.ts", import.meta.url));
      const tcp = { host: "127.0.0.1", port: 0 };
      const { ports } = await start({ usual: tcp, other: { ...tcp, noDelay: false, keepAlive: "5m" } }, entry);
      const ask = async (port = 0) => {
        let text = "";
        for await (const chunk of connect(port, "127.0.0.1")) text += chunk;
        return JSON.parse(text) as object;
      };
      expect(await ask(ports.usual)).toEqual({ noDelay: true, keepAlive: 60 });
      expect(await ask(ports.other)).toEqual({ noDelay: false, keepAlive: 300 });
    },
  );

  test("above a limit that queues, clients wait in the kernel's queue until there is room", async () => {
    const { ports } = await start({
      main: { host: "127.0.0.1", port: 0, limits: { connections: 1, overload: "queue" } },
    });
    const first = await Client.connect(ports.main ?? 0);
    expect(await first.ask("a")).toBe("A");
    const second = new Client(ports.main ?? 0);
    const answered = second.ask("b");
    expect(await first.ask("still the only one")).toBe("STILL THE ONLY ONE");
    first.socket.end();
    expect(await answered).toBe("B");
  });

  test("connections of one address, and new ones a second, are counted across the threads of a process", async () => {
    const limits = { perAddress: { max: 2 }, overload: { farewell: "too many\n" } };
    const slow = { acceptRate: { perSecond: 0.001, burst: 3 } };
    const { ports } = await start({
      main: { host: "127.0.0.1", port: 0, limits },
      slow: { host: "127.0.0.1", port: 0, limits: slow },
    });
    const inside = [await Client.connect(ports.main ?? 0), await Client.connect(ports.main ?? 0)];
    for (const client of inside) expect(await client.ask("a")).toBe("A");
    const third = new Client(ports.main ?? 0);
    expect(await third.ask("", "line")).toBe("too many\n");
    expect(await third.closed).toMatch(/closed|reset/);

    const early = Array.from({ length: 3 }, () => new Client(ports.slow ?? 0));
    for (const client of early) expect(await client.ask("a")).toBe("A");
    expect(await new Client(ports.slow ?? 0).closed).toMatch(/closed|reset/);
  });

  test("a peer that sends nothing is cut off at its idle deadline", async () => {
    const { ports } = await start({ main: { host: "127.0.0.1", port: 0, timeouts: { idle: "200ms" } } });
    const client = await Client.connect(ports.main ?? 0);
    expect(await client.closed).toMatch(/closed|reset/);
  });
});

test("a unix socket is served by processes, and by their threads", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "supervisor.config.json");
  const path = join(folder, "echo.sock");
  for (const threads of [0, 2]) {
    const topology = { processes: 2, threads };
    writeFileSync(file, JSON.stringify({ entry: service("echo.ts"), topology, listen: [path, "127.0.0.1:0"] }));
    const running = await RunningSupervisor.start([file]);
    const client = connectUnix(path);
    expect(await reply(client as TLSSocket)).toBe("HELLO");
    client.destroy();
    running.signal("SIGTERM");
    await running.exited;
  }
});

async function reply(socket: TLSSocket): Promise<string> {
  socket.write("hello");
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return String(chunk);
}
