import { once } from "node:events";
import { rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, openServiceHost } from "@plait/net";
import { describe, expect, it } from "vitest";
import { eventually, readAll, serve } from "./support/serving.ts";

/** The ways a client can end a connection to commands.ts, and what each comes to. */
const endings: Record<string, { outcome: string; act: (client: net.Socket) => void }> = {
  "the client ends": { outcome: "served", act: (client) => client.end("a\n") },
  "the client says nothing and ends": { outcome: "served", act: (client) => client.end() },
  "the handler returns": { outcome: "served", act: (client) => client.write("return\n") },
  "the handler returns with bytes unread": {
    outcome: "served",
    act: (client) => client.write("return\nmore\nand more\n"),
  },
  "the handler throws": { outcome: "failed", act: (client) => client.write("throw\n") },
  "the handler resets": { outcome: "failed", act: (client) => client.write("reset\na\n") },
  "the client resets": {
    outcome: "reset",
    act: (client) => client.once("data", () => client.resetAndDestroy()).write("a\n"),
  },
  "the client ends in the middle of a line": { outcome: "invalid", act: (client) => client.end("half") },
  "a line is too long": { outcome: "limit", act: (client) => client.end("x".repeat(100_000)) },
};

async function closed(socket: net.Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
}

describe("over real sockets", () => {
  it.each(Object.entries(endings))("%s", async (_name, { outcome, act }) => {
    await using running = await serve("commands.ts");
    const client = await running.connect();
    act(client);
    client.resume();
    await closed(client);
    await eventually(() => running.outcomes.length === 1);
    expect(await running.outcomes[0]).toBe(outcome);
    expect(running.host.connections).toBe(0);
  });

  it("a reply written before the end arrives, though the client goes on sending to a handler that has returned", async () => {
    await using running = await serve("commands.ts");
    const { log } = await import("./services/commands.ts");
    for (let i = 0; i < 20; i++) {
      const client = await running.connect({ allowHalfOpen: true });
      log.length = 0;
      client.pause();
      client.write("answer me\nreturn\n");
      await eventually(() => log.includes("returned"));
      // To a closed descriptor this would be answered with a reset, which throws away what was not read yet.
      await new Promise((sent) => client.write("x".repeat(10_000), sent));
      await new Promise((sent) => client.write("y", sent));
      client.resume();
      const reply = readAll(client);
      client.end();
      expect(await reply).toBe("answer me\n");
    }
  });

  it("a peer that never reads holds up its handler, not the memory", async () => {
    await using running = await serve("endless.ts", { listeners: { main: { timeouts: { write: 100 } } } });
    const client = await running.connect();
    client.pause();
    await eventually(() => running.outcomes.length === 1);
    expect(await running.outcomes[0]).toBe("timeout");
    const { most } = await import("./services/endless.ts");
    expect(most.unsent).toBeLessThanOrEqual(2 * 64 * 1024);
    client.destroy();
  });

  it("serves unix-domain sockets", async () => {
    const path = join(tmpdir(), `plait-${process.pid}.sock`);
    const host = await openServiceHost(new URL("services/commands.ts", import.meta.url), { unit: "p1" });
    const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
      void host.serve(socket);
    });
    server.listen(path);
    await once(server, "listening");
    const conn = await connect({ path });
    await conn.write("who\n");
    expect(await conn.readLine()).toBe("p1.c1 unix  ");
    conn.reset();
    await host.idle();
    expect(host.outcomes).toMatchObject({ served: 1 });
    server.close();
    await rm(path, { force: true });
  });
});
