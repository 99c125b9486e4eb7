import { once } from "node:events";
import net from "node:net";
import { Worker } from "node:worker_threads";
import { connect } from "@plait/net";
import { Pool } from "undici";
import { describe, expect, it } from "vitest";

/** Two threads, and a listening socket whose connections they get in turn. */
async function twoThreads(service: string) {
  const outcomes: string[] = [];
  const threads = await Promise.all(
    ["p1.t1", "p1.t2"].map(async (unit) => {
      const thread = new Worker(new URL("threads/host-thread.ts", import.meta.url), {
        workerData: { unit, service: new URL(`services/${service}`, import.meta.url).href },
      });
      await once(thread, "message");
      thread.on("message", ({ outcome }) => outcomes.push(outcome));
      return thread;
    }),
  );
  let turn = 0;
  const server = net.createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) => {
    (threads[turn++ % threads.length] as Worker).postMessage({ socket }, [socket]);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as net.AddressInfo).port,
    outcomes,
    async [Symbol.asyncDispose]() {
      server.close();
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

describe("in threads, on transferred sockets", () => {
  it("a service serves each connection where it was sent", async () => {
    await using running = await twoThreads("commands.ts");
    const units = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const conn = await connect({ port: running.port, host: "127.0.0.1" });
        await conn.write("who\n");
        const line = await conn.readLine();
        await conn.close();
        return line?.split(".c")[0];
      }),
    );
    expect(units.filter((unit) => unit === "p1.t1")).toHaveLength(5);
    expect(units.filter((unit) => unit === "p1.t2")).toHaveLength(5);
    while (running.outcomes.length < 10) await new Promise(setImmediate);
    expect(new Set(running.outcomes)).toEqual(new Set(["served"]));
  });

  it.each(["fastify.ts", "express.ts"])("%s answers from both threads", async (service) => {
    await using running = await twoThreads(service);
    const pool = new Pool(`http://127.0.0.1:${running.port}`, { connections: 4 });
    const bodies = await Promise.all(
      Array.from({ length: 20 }, async () => (await pool.request({ path: "/hello/you", method: "GET" })).body.json()),
    );
    expect(bodies).toEqual(Array.from({ length: 20 }, () => ({ hello: "you" })));
    await pool.close();
  });
});
