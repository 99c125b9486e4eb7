// Servers that know nothing of Plait, hosted unchanged by the real command.
import { Agent, get } from "node:http";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { RunningSupervisor } from "./supervisor-program.ts";

function start(name: string): Promise<RunningSupervisor> {
  const entry = fileURLToPath(new URL(`../../../packages/net/test/services/${name}`, import.meta.url));
  return RunningSupervisor.start([entry, "-p", "2", "-t", "2", "-l", "127.0.0.1:0"]);
}

// Koa and Hono are served by packages/net's tests every time.
const frameworks = ["fastify.ts", "express.ts", ...(process.env.PLAIT_LONG ? ["koa.ts", "hono.ts"] : [])];

test.each(frameworks)("%s answers many requests at once on 2 × 2, from every thread", async (name) => {
  const running = await start(name);
  const url = (who: number) => `http://127.0.0.1:${running.port}/hello/${who}`;
  // A connection of its own for each request, so that they spread over the units.
  const headers = { connection: "close" };
  const answers = await Promise.all(
    Array.from({ length: 80 }, async (_, who) => (await fetch(url(who), { headers })).json()),
  );
  expect(answers).toEqual(Array.from({ length: 80 }, (_, who) => ({ hello: `${who}` })));
  const threads = (await running.processes()).flatMap((process) => process.threads);
  expect(threads.map(({ total }) => total > 0)).toEqual([true, true, true, true]);
});

test("a WebSocket server answers on 2 × 2, and its connections are told to go at a stop", async () => {
  const running = await start("ws.ts");
  const sockets = Array.from({ length: 8 }, () => new WebSocket(`ws://127.0.0.1:${running.port}/`));
  const answers = sockets.map(
    (socket, number) =>
      new Promise((resolve, reject) => {
        socket.onopen = () => socket.send(`message ${number}`);
        socket.onmessage = ({ data }) => resolve(data);
        socket.onerror = reject;
      }),
  );
  expect(await Promise.all(answers)).toEqual(sockets.map((_, number) => `echo message ${number}`));
  const closed = sockets.map((socket) => new Promise((resolve) => (socket.onclose = resolve)));
  running.signal("SIGTERM");
  await Promise.all(closed);
  expect(await running.exited).toMatchObject({ code: 0 });
});

test("an idle keep-alive connection does not hold up a stop", async () => {
  const running = await start("http.ts");
  const agent = new Agent({ keepAlive: true });
  const status = await new Promise((resolve, reject) => {
    get({ port: running.port, host: "127.0.0.1", agent }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    }).on("error", reject);
  });
  expect(status).toBe(200);
  running.signal("SIGTERM");
  expect(await running.exited).toMatchObject({ code: 0 });
  agent.destroy();
});
