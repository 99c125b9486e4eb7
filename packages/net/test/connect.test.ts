import { once } from "node:events";
import { readFileSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { ConnectError, connect } from "@plait/net";
import { describe, expect, it } from "vitest";
import { alternate } from "../src/attempts.ts";
import { lookupOf } from "./support/lookup.ts";
import { serve } from "./support/serving.ts";

const [A, B] = ["127.0.0.1", "127.0.0.2"];

async function listen(host: string, port = 0): Promise<net.Server & { readonly port: number }> {
  const server = net.createServer((socket) => socket.on("error", () => {}).end("hello\n")).listen({ port, host });
  await once(server, "listening");
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

/** A port nobody listens on. */
async function freePort(): Promise<number> {
  const server = await listen(A);
  server.close();
  await once(server, "close");
  return server.port;
}

async function failure(op: PromiseLike<unknown>): Promise<ConnectError> {
  try {
    await op;
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectError);
    return error as ConnectError;
  }
  throw new Error("It did not fail.");
}

describe("connect", () => {
  it("tries a name's IPv6 and IPv4 addresses by turns, beginning with what the resolver prefers", () => {
    const of = (...addresses: string[]) => addresses.map((address) => ({ address, family: net.isIP(address) }));
    expect(alternate(of("::1", "::2", "::3", "1.1.1.1"))).toEqual(of("::1", "1.1.1.1", "::2", "::3"));
    expect(alternate(of("1.1.1.1", "1.1.1.2", "::1"))).toEqual(of("1.1.1.1", "::1", "1.1.1.2"));
    expect(alternate([])).toEqual([]);
  });

  it.runIf(process.platform === "linux")("goes on with the next address at once when one refuses", async () => {
    const server = await listen(B);
    const { port } = server;
    const conn = await connect({ host: "two.test", port, lookup: lookupOf(A, B), attemptTimeout: 60_000 });
    expect([conn.remote.address, await conn.readLine()]).toEqual([B, "hello"]);
    await conn.close();
    server.close();
  });

  it("says what was to be reached and why each address failed", async () => {
    const port = await freePort();
    const several = await failure(connect({ host: "two.test", port, lookup: lookupOf(A, B) }));
    expect(several).toMatchObject({ code: "ERR_PLAIT_CONNECT", target: `two.test:${port}` });
    expect(several.errors).toMatchObject([
      { code: "ECONNREFUSED", address: A },
      { code: "ECONNREFUSED", address: B },
    ]);
    expect(several.message).toContain(`Can't connect to two.test:${port}: connect ECONNREFUSED ${A}:${port}; connect`);
    expect(several.cause).toBeInstanceOf(AggregateError);
    const one = await failure(connect({ host: A, port }));
    expect(one.cause).toMatchObject({ code: "ECONNREFUSED" });
    const unnamed = await failure(connect({ host: "nowhere.invalid", port }));
    expect(unnamed.cause).toMatchObject({ syscall: "getaddrinfo" });
    const unix = await failure(connect({ path: "/nowhere/at.sock" }));
    expect(unix).toMatchObject({ target: "/nowhere/at.sock", cause: { code: "ENOENT" } });
  });

  it.each([{}, { port: 0 }, { port: 70_000 }, { host: A, port: 1.5 }])("does not guess a port: %o", (options) => {
    expect(() => connect(options)).toThrow("give a `port` from 1 to 65535, or the `path` of a unix socket");
  });

  it("says what it waited for when its time is over", async () => {
    // Nothing answers a handshake here: the listener accepts and stays silent.
    const silent = net.createServer().listen(0, A);
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    await expect(connect({ host: A, port, tls: true, connectTimeout: 30 })).rejects.toMatchObject({
      code: "ERR_PLAIT_TIMEOUT",
      waitingOn: expect.stringContaining("connect to 127.0.0.1:"),
    });
    silent.close();
  });

  it("checks the certificate against what was asked for, whichever address answered", async () => {
    const file = (name: string) => fileURLToPath(new URL(`certificates/${name}`, import.meta.url));
    const main = { tls: { cert: file("localhost.pem"), key: file("localhost.key") } };
    await using running = await serve("echo-upper.ts", { listeners: { main } });
    const tls = { ca: readFileSync(file("ca.pem")) };
    const target = { port: running.port, lookup: lookupOf(A), tls };
    const conn = await connect({ host: "localhost", ...target });
    await conn.write("hello");
    expect(String(await conn.read())).toBe("HELLO");
    await conn.close();
    const wrong = await failure(connect({ host: "other.test", ...target }));
    expect(wrong.cause).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect((await failure(connect({ host: "localhost", ...target, tls: true }))).message).toContain("certificate");
  });

  it("connects over IPv6, and over IPv4 to a socket that takes both", async () => {
    const server = await listen("::");
    for (const [host, family] of [
      ["::1", "IPv6"],
      [A, "IPv4"],
    ] as const) {
      const conn = await connect({ host, port: server.port });
      expect([conn.remote.family, conn.remote.address, await conn.readLine()]).toEqual([family, host, "hello"]);
      await conn.close();
    }
    server.close();
  });
});
