import { once } from "node:events";
import { readFileSync } from "node:fs";
import tls from "node:tls";
import autocannon from "autocannon";
import { Agent, fetch, Pool } from "undici";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { eventually, readAll, serve } from "./support/serving.ts";

const ca = readFileSync(new URL("certificates/ca.pem", import.meta.url));
const certificates = new URL("certificates/", import.meta.url);

describe("a hosted server", () => {
  it("of net serves unchanged, and its errors end one connection only", async () => {
    await using running = await serve("net.ts");
    const [bad, good] = [await running.connect(), await running.connect()];
    bad.write("destroy");
    await once(bad, "close");
    good.write("ping");
    expect(String((await once(good, "data"))[0])).toBe("ping");
    good.end();
    await running.host.idle();
    expect([await running.outcomes[0], await running.outcomes[1]]).toEqual(["failed", "served"]);
    expect(running.errors).toMatchObject([{ id: "p1.t1.c1", error: { message: "destroyed by the service" } }]);
  });

  it("of net survives a peer's reset without a listener for errors", async () => {
    await using running = await serve("net.ts");
    const client = await running.connect();
    client.write("ping");
    await once(client, "data");
    client.resetAndDestroy();
    await running.host.idle();
    expect(running.host.outcomes.reset).toBe(1);
    expect(running.errors).toEqual([]);
  });

  it("of tls and of https brings its own certificate", async () => {
    await using echo = await serve("tls.ts");
    const client = tls.connect({ port: echo.port, host: "127.0.0.1", servername: "localhost", ca });
    client.write("ping");
    expect(String((await once(client, "data"))[0])).toBe("ping");
    client.end();
    expect(await echo.outcomes[0]).toBe("served");
    await using web = await serve("https.ts");
    const dispatcher = new Agent({ connect: { ca } });
    const response = await fetch(`https://localhost:${web.port}/`, { dispatcher });
    expect(await response.text()).toBe("hello from 127.0.0.1");
    await dispatcher.close();
  });

  it("of http is served over the listener's TLS", async () => {
    const main = {
      tls: {
        cert: new URL("localhost.pem", certificates).pathname,
        key: new URL("localhost.key", certificates).pathname,
      },
    };
    await using running = await serve("http.ts", { listeners: { main } });
    const dispatcher = new Agent({ connect: { ca } });
    const response = await fetch(`https://localhost:${running.port}/`, { dispatcher });
    expect(await response.text()).toBe("hello from 127.0.0.1");
    await dispatcher.close();
  });

  it.each(["express.ts", "fastify.ts", "koa.ts", "hono.ts"])("of %s answers undici's pool", async (service) => {
    await using running = await serve(service);
    const pool = new Pool(`http://127.0.0.1:${running.port}`, { connections: 5 });
    const bodies = await Promise.all(
      Array.from({ length: 50 }, async (_, n) =>
        (await pool.request({ path: `/hello/${n}`, method: "GET" })).body.json(),
      ),
    );
    expect(bodies).toEqual(Array.from({ length: 50 }, (_, n) => ({ hello: String(n) })));
    await pool.close();
    await running.host.idle();
    expect(running.host.outcomes.served).toBe(5);
  });

  it("of http answers every request of autocannon", async () => {
    await using running = await serve("http.ts");
    const {
      non2xx,
      errors,
      "2xx": ok,
    } = await autocannon({
      url: `http://127.0.0.1:${running.port}`,
      connections: 10,
      amount: 2000,
    });
    expect([ok, non2xx, errors]).toEqual([2000, 0, 0]);
  });
});

describe("HTTP over hosted sockets", () => {
  it("cuts off half a header in time", async () => {
    await using running = await serve("http.ts");
    const client = await running.connect();
    client.write("GET / HTTP/1.1\r\nho");
    expect(await readAll(client)).toMatch(/^HTTP\/1\.1 408 /);
    expect(running.errors).toEqual([]);
  });

  it("closes idle keep-alive connections on drain, and those in flight after their answer", async () => {
    await using running = await serve("http.ts");
    const idle = await running.connect();
    idle.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(idle, "data");
    const busy = await running.connect();
    busy.write("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
    while (running.host.connections < 2) await new Promise(setImmediate);
    await new Promise((resolve) => setTimeout(resolve, 10));
    running.host.drain();
    const [rest, answer] = await Promise.all([readAll(idle), readAll(busy)]);
    expect(rest).toBe("");
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n.*Connection: close\r\n/is);
    expect(answer).toMatch(/slow$/);
    await running.host.idle();
    expect(running.host.outcomes.goodbye).toBe(2);
  });

  it("tells WebSockets to close on drain", async () => {
    await using running = await serve("ws.ts");
    const socket = new WebSocket(`ws://127.0.0.1:${running.port}`);
    await once(socket, "open");
    socket.send("hi");
    expect(String((await once(socket, "message"))[0])).toBe("echo hi");
    running.host.drain();
    expect((await once(socket, "close"))[0]).toBe(1001);
    await running.host.idle();
    expect(running.host.outcomes.goodbye).toBe(1);
  });

  it("tells a WebSocket to close whose handshake was under way when the drain began", async () => {
    await using running = await serve("ws-late.ts");
    const { answers } = await import("./services/ws-late.ts");
    const socket = new WebSocket(`ws://127.0.0.1:${running.port}`);
    await eventually(() => answers.length === 1);
    running.host.drain();
    await new Promise(setImmediate);
    answers[0]?.();
    expect((await once(socket, "close"))[0]).toBe(1001);
    await running.host.idle();
    expect(running.host.outcomes.goodbye).toBe(1);
  });

  it("is cut off by cancel", async () => {
    await using running = await serve("ws.ts");
    const socket = new WebSocket(`ws://127.0.0.1:${running.port}`);
    await once(socket, "open");
    const closed = once(socket, "close");
    await running.host.cancel("deadline");
    await closed;
    expect([running.host.connections, running.host.outcomes.cancelled]).toEqual([0, 1]);
  });
});
