import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import tls from "node:tls";
import { fileURLToPath } from "node:url";
import { HostedOptionError, type ListenerOptions } from "@plait/net";
import { describe, expect, it } from "vitest";
import { eventually, type Running, readAll, serve } from "./support/serving.ts";

const file = (name: string) => fileURLToPath(new URL(`certificates/${name}`, import.meta.url));
const ca = readFileSync(file("ca.pem"));
const listenerTls = { cert: file("localhost.pem"), key: file("localhost.key") };

const listen = (service: string, main: ListenerOptions) => serve(service, { listeners: { main } });

async function secure(socket: Socket): Promise<tls.TLSSocket> {
  const secured = tls.connect({ socket, servername: "localhost", ca }).on("error", () => {});
  await once(secured, "secureConnect");
  return secured;
}

describe.concurrent("a listener's deadlines, for a hosted server", () => {
  const plain = (running: Running) => running.connect();
  const encrypted = async (running: Running) => secure(await running.connect());

  it.each([
    ["net.ts", {}, plain],
    ["net.ts", { tls: listenerTls }, encrypted],
    ["tls.ts", {}, encrypted],
    ["http.ts", {}, plain],
  ] as const)("idle and lifetime cut off who does nothing: %s with %o", async (service, rest, open) => {
    for (const timeouts of [{ idle: 150 }, { lifetime: 150 }]) {
      await using running = await listen(service, { ...rest, timeouts });
      await open(running);
      expect(await running.outcomes[0]).toBe("timeout");
      expect(running.errors).toEqual([]);
    }
  });

  it.each([
    ["net.ts", {}, plain],
    ["net.ts", { tls: listenerTls }, encrypted],
  ] as const)("idle leaves alone who sends, and is over for who stops: %s with %o", async (service, rest, open) => {
    await using running = await listen(service, { ...rest, timeouts: { idle: 1_000 } });
    const client = await open(running);
    for (let i = 0; i < 4; i++) {
      client.write("ping");
      expect(String((await once(client, "data"))[0])).toBe("ping");
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(running.host.connections).toBe(1);
    await readAll(client);
    expect(await running.outcomes[0]).toBe("timeout");
  });

  it("write cuts off who takes nothing, and leaves alone who takes slowly", async () => {
    await using running = await listen("net-flood.ts", { timeouts: { write: 500 } });
    const [deaf, slow] = [await running.connect(), await running.connect()];
    deaf.pause();
    let received = 0;
    const drip = setInterval(() => {
      received += slow.read()?.length ?? 0;
    }, 5);
    slow.pause();
    expect(await Promise.race(running.outcomes)).toBe("timeout");
    // More than lay in the kernel's buffers then: it is still being served.
    const before = received;
    await eventually(() => received > before + 12 * 1024 * 1024);
    clearInterval(drip);
    expect([running.host.outcomes.timeout, running.host.connections]).toEqual([1, 1]);
    deaf.destroy();
    slow.destroy();
  });
});

describe("behind a proxy, a hosted server", () => {
  const header = "PROXY TCP4 10.1.2.3 192.168.0.1 8080 443\r\n";
  const proxy = { mode: "require", trust: ["127.0.0.1"] } as const;

  async function get(socket: Socket, path: string): Promise<string> {
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    return (await readAll(socket)).split("\r\n\r\n")[1] ?? "";
  }

  it.each([
    ["http.ts", "/", "hello from 10.1.2.3"],
    ["express.ts", "/ip", "10.1.2.3"],
    ["fastify.ts", "/ip", "10.1.2.3"],
    ["koa.ts", "/ip", "10.1.2.3"],
    ["hono.ts", "/ip", "10.1.2.3"],
  ])("sees the client's address: %s", async (service, path, answer) => {
    await using running = await listen(service, { proxy });
    const client = await running.connect();
    client.write(header);
    expect(await get(client, path)).toBe(answer);
  });

  it.each([
    ["http.ts", { tls: listenerTls }],
    ["https.ts", {}],
  ])("sees it through TLS, the listener's or its own: %s", async (service, rest) => {
    await using running = await listen(service, { proxy, ...rest });
    const client = await running.connect();
    client.write(header);
    expect(await get(await secure(client), "/")).toBe("hello from 10.1.2.3");
  });
});

describe("an option that can't apply to a hosted server", () => {
  it.each<[string, ListenerOptions, string]>([
    ["timeouts.read", { timeouts: { read: 1000 } }, "headersTimeout"],
    ["timeouts.linger", { timeouts: { linger: 1000 } }, "leave it to the server"],
    ["watermarks", { watermarks: { low: 1, high: 2 } }, "highWaterMark"],
    ["readAhead", { readAhead: 1000 }, "highWaterMark"],
    ["limits.minReadRate", { limits: { minReadRate: { bytesPerSecond: 1, grace: 1 } } }, "requestTimeout"],
  ])("is named at start, with what to do instead: %s", async (option, options, advice) => {
    const error: unknown = await listen("http.ts", options).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(HostedOptionError);
    expect(error).toMatchObject({ code: "ERR_PLAIT_HOSTED_OPTION", option });
    expect(String(error)).toMatch(new RegExp(`^HostedOptionError: Listener "main" has ${option}, .*${advice}`));
  });

  it("is refused while it serves, too, and changes nothing", async () => {
    await using running = await listen("net.ts", { limits: { connections: 1 } });
    const minReadRate = { bytesPerSecond: 1, grace: 1 };
    expect(() => running.host.setLimits("main", { minReadRate })).toThrow(HostedOptionError);
    await running.connect();
    await eventually(() => running.host.connections === 1);
    expect(running.host.hasRoom("main")).toBe(false);
  });
});
