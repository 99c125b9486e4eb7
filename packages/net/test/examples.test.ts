import { readdirSync, readFileSync } from "node:fs";
import { run, sleep, spawn } from "@plait/coroutine";
import { virtualTime } from "@plait/coroutine/testing";
import { type Connection, connect, framed, lengthPrefixed, pipe } from "@plait/net";
import { describe, expect, it } from "vitest";
import { serve } from "./support/serving.ts";

const examples = new URL("../examples/", import.meta.url);

function dial({ port }: { readonly port: number }): PromiseLike<Connection> {
  return connect({ host: "127.0.0.1", port });
}

describe("the examples", () => {
  it.each(readdirSync(examples))("%s is at most 60 lines", (name) => {
    expect(readFileSync(new URL(name, examples), "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(60);
  });

  it("chat-room.ts passes lines on, and closes the room on drain", async () => {
    await using running = await serve("../../examples/chat-room.ts");
    const [ann, bob] = [await dial(running), await dial(running)];
    for (const [conn, name, here] of [
      [ann, "ann", "nobody else"],
      [bob, "bob", "ann"],
    ] as const) {
      expect(await conn.readLine()).toBe("Your name?");
      await conn.write(`${name}\n`);
      expect(await conn.readLine()).toBe(`Here: ${here}`);
    }
    expect(await ann.readLine()).toBe("* bob is here");
    await bob.write("hello\n");
    expect(await ann.readLine()).toBe("bob: hello");
    await bob.close();
    expect(await ann.readLine()).toBe("* bob is gone");
    running.host.drain();
    expect(await ann.readLine()).toBe("* The room closes.");
    expect(await ann.readLine()).toBeNull();
    await ann.close();
    await running.host.idle();
    expect(running.host.outcomes).toMatchObject({ served: 1, goodbye: 1, failed: 0 });
  });

  it("rpc.ts answers calls as they are ready", async () => {
    await using running = await serve("../../examples/rpc.ts");
    const conn = await dial(running);
    const frames = framed(conn, lengthPrefixed());
    const calls = [
      { id: 1, method: "later", params: [30, 7] },
      { id: 2, method: "sum", params: [1, 2, 3] },
      { id: 3, method: "constructor", params: [] },
    ];
    for (const call of calls) await frames.write(JSON.stringify(call));
    await conn.closeWrite();
    const replies: unknown[] = [];
    for await (const frame of frames) replies.push(JSON.parse(String(frame)));
    expect(replies).toEqual([
      { id: 2, result: 6 },
      { id: 3, error: "no method constructor" },
      { id: 1, result: 7 },
    ]);
    expect(await running.outcomes[0]).toBe("served");
  });

  it("key-value.ts answers pipelined commands in order", async () => {
    await using running = await serve("../../examples/key-value.ts");
    const conn = await dial(running);
    await conn.write("SET a one two\nGET a\nget b\nDEL a\nKEYS\nBOGUS\nQUIT\n");
    const replies: string[] = [];
    for (let line = await conn.readLine(); line !== null; line = await conn.readLine()) replies.push(line);
    expect(replies).toEqual(["+OK", "$one two", "-missing", ":1", "*", "-unknown command BOGUS"]);
    await conn.close();
  });

  it("tcp-proxy.ts passes both directions and their ends through", async () => {
    await using target = await serve("echo-upper.ts");
    process.env.TARGET = `127.0.0.1:${target.port}`;
    await using proxy = await serve("../../examples/tcp-proxy.ts");
    const conn = await dial(proxy);
    const text = "through the proxy ".repeat(50_000);
    const sent = run(function* () {
      yield* conn.write(text);
      yield* conn.closeWrite();
    });
    let echoed = "";
    for await (const chunk of conn) echoed += chunk;
    await sent;
    expect(echoed).toBe(text.toUpperCase());
    await conn.close();
    await Promise.all([proxy.host.idle(), target.host.idle()]);
    expect([proxy.host.outcomes.served, target.host.outcomes.served]).toEqual([1, 1]);
  });
});

it("a pipe's latency and deadlines pass in virtual time", async () => {
  using time = virtualTime();
  const began = performance.now();
  const hour = 3_600_000;
  const elapsed = await run(function* () {
    const start = time.now;
    const [client, server] = pipe({ latency: hour, timeouts: { idle: 10 * hour, write: 10 * hour } });
    spawn(function* () {
      for (let line = yield* server.readLine(); line !== null; line = yield* server.readLine())
        yield* server.write(line);
    });
    yield* client.write("ping\n");
    expect(String(yield* client.read())).toBe("ping");
    yield* sleep(hour);
    yield* client.close();
    return time.now - start;
  });
  expect(elapsed).toBeGreaterThanOrEqual(3 * hour);
  expect(performance.now() - began).toBeLessThan(hour / 100);
});
