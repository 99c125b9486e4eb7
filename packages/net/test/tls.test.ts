import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { fileURLToPath } from "node:url";
import { connect, type ListenerOptions } from "@plait/net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAll, serve } from "./support/serving.ts";

const file = (name: string) => fileURLToPath(new URL(`certificates/${name}`, import.meta.url));
const certificate = (name: string) => ({ cert: file(`${name}.pem`), key: file(`${name}.key`) });
const ca = readFileSync(file("ca.pem"));

function serveTls(options: Partial<ListenerOptions["tls"]> = {}, rest: ListenerOptions = {}) {
  return serve("describe-tls.ts", {
    listeners: { main: { ...rest, tls: { ...certificate("localhost"), ...options } } },
  });
}

/** Connects, and returns what the service says about the handshake. */
async function ask(port: number, options: tls.ConnectionOptions = {}) {
  const socket = tls.connect({ port, host: "127.0.0.1", servername: "localhost", ca, ...options });
  try {
    const [line] = await once(socket, "data");
    return { ...(JSON.parse(line) as Record<string, unknown>), subject: socket.getPeerCertificate().subject?.CN };
  } finally {
    socket.destroy();
  }
}

describe("TLS in the unit", () => {
  it("serves encrypted connections, half-close included", async () => {
    await using running = await serveTls();
    const client = tls.connect({ port: running.port, host: "127.0.0.1", servername: "localhost", ca });
    client.allowHalfOpen = true;
    await once(client, "data");
    client.end("x".repeat(200_000));
    expect((await readAll(client)).length).toBe(200_000);
    expect(await running.outcomes[0]).toBe("served");
  });

  it("is spoken by connect() too", async () => {
    await using running = await serveTls({ alpn: ["echo/1"] });
    const conn = await connect({ port: running.port, host: "localhost", tls: { ca, ALPNProtocols: ["echo/1"] } });
    expect(JSON.parse((await conn.readLine()) as string)).toMatchObject({ alpn: "echo/1", serverName: "localhost" });
    expect(conn.tls).toMatchObject({
      authorized: true,
      alpn: "echo/1",
      peerCertificate: { subject: { CN: "localhost" } },
    });
    await conn.write("ping");
    expect(String(await conn.read())).toBe("ping");
    await conn.close();
    expect(await running.outcomes[0]).toBe("served");
  });

  it("chooses the certificate by the name the client asks for", async () => {
    await using running = await serveTls({ names: { "*.example.test": certificate("wildcard") } });
    expect(await ask(running.port, { servername: "api.example.test" })).toMatchObject({
      subject: "*.example.test",
      serverName: "api.example.test",
    });
    expect(await ask(running.port)).toMatchObject({ subject: "localhost" });
  });

  it("checks client certificates where they are required, and passes on who it was", async () => {
    await using running = await serveTls({ ca: file("ca.pem"), clientCertificate: "require" });
    const known = { cert: readFileSync(file("client.pem")), key: readFileSync(file("client.key")) };
    expect(await ask(running.port, known)).toMatchObject({ authorized: true, client: "test client" });
    await expect(ask(running.port)).rejects.toThrow();
    expect(await running.outcomes[1]).toMatch(/^(invalid|reset)$/);
    expect(running.errors).toEqual([]);
  });

  it("resumes a session that another unit with the same ticket keys began", async () => {
    const ticketKeys = Buffer.alloc(48, 7);
    await using first = await serveTls({ ticketKeys });
    await using second = await serveTls({ ticketKeys });
    const client = tls.connect({ port: first.port, host: "127.0.0.1", servername: "localhost", ca });
    const [session] = await once(client, "session");
    client.destroy();
    expect(await ask(second.port, { session })).toMatchObject({ resumed: true });
    await using stranger = await serveTls();
    expect(await ask(stranger.port, { session })).toMatchObject({ resumed: false });
  });

  describe("reload", () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "plait-"));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it("gives new connections the new certificate, drops nobody, and refuses a broken one", async () => {
      const live = { cert: join(folder, "live.pem"), key: join(folder, "live.key") };
      const install = (name: string) =>
        Promise.all([copyFile(file(`${name}.pem`), live.cert), copyFile(file(`${name}.key`), live.key)]);
      const serial = (name: string) => new X509Certificate(readFileSync(file(`${name}.pem`))).serialNumber;
      await install("localhost");
      await using running = await serveTls(live);
      const old = tls.connect({ port: running.port, host: "127.0.0.1", servername: "localhost", ca });
      await once(old, "data");
      await install("renewed");
      await running.host.reloadTls();
      const fresh = tls.connect({ port: running.port, host: "127.0.0.1", servername: "localhost", ca });
      await once(fresh, "data");
      expect(old.getPeerCertificate().serialNumber).toBe(serial("localhost"));
      expect(fresh.getPeerCertificate().serialNumber).toBe(serial("renewed"));
      old.write("still here");
      expect(String((await once(old, "data"))[0])).toBe("still here");
      await copyFile(file("make.sh"), live.cert);
      await expect(running.host.reloadTls()).rejects.toMatchObject({
        code: "ERR_PLAIT_CERTIFICATE",
        message: expect.stringContaining(live.cert),
      });
      expect(await ask(running.port)).toMatchObject({ subject: "localhost" });
      old.destroy();
      fresh.destroy();
    });
  });

  it("cuts off a handshake that takes too long, one that is none, and one that is abandoned", async () => {
    await using running = await serveTls({}, { timeouts: { handshake: 50 } });
    const silent = await running.connect();
    await once(silent, "close");
    expect(await running.outcomes[0]).toBe("timeout");
    const plain = await running.connect();
    plain.end("GET / HTTP/1.1\r\n\r\n");
    await readAll(plain).catch(() => {});
    expect(await running.outcomes[1]).toBe("invalid");
    const gone = await running.connect();
    gone.resetAndDestroy();
    await once(gone, "close");
    const started = performance.now();
    while (running.outcomes[2] === undefined && performance.now() < started + 1000) await new Promise(setImmediate);
    expect(await running.outcomes[2]).toMatch(/^(reset|invalid)$/);
    expect(running.errors).toEqual([]);
  });

  it("turns away without a farewell, which would be no TLS", async () => {
    await using running = await serveTls({}, { limits: { connections: 0, overload: { farewell: "full\n" } } });
    expect(await readAll(await running.connect())).toBe("");
    expect(await running.outcomes[0]).toBe("limit");
  });

  it("has what a PROXY header left of the time for a handshake", async () => {
    const proxy = { mode: "require", trust: ["127.0.0.1"] } as const;
    await using running = await serveTls({}, { proxy, timeouts: { handshake: 1000 } });
    const client = await running.connect();
    await new Promise((resolve) => setTimeout(resolve, 700));
    const sentAt = performance.now();
    client.write("PROXY TCP4 10.1.2.3 192.168.0.1 8080 443\r\n");
    expect(await running.outcomes[0]).toBe("timeout");
    expect(performance.now() - sentAt).toBeLessThan(1000);
    client.destroy();
  });

  it("stops while a handshake is under way", async () => {
    const running = await serveTls();
    const client = await running.connect();
    while (running.host.connections === 0) await new Promise(setImmediate);
    await running[Symbol.asyncDispose]();
    expect(running.host.connections).toBe(0);
    client.destroy();
  });
});

it("says which file it could not read", async () => {
  await expect(serveTls({ cert: "/nowhere/cert.pem" })).rejects.toThrow("/nowhere/cert.pem");
});
