import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Connection } from "@plait/net";
import { describe, expect, it } from "vitest";
import { linkOf } from "../src/connection.ts";
import { log } from "./services/commands.ts";
import { borrowers } from "./services/lent.ts";
import { upstream } from "./services/own-faults.ts";
import { eventually, readAll, serve } from "./support/serving.ts";

const services = new URL("./services/", import.meta.url);

interface Loading {
  readonly loaded?: true;
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly file: string;
  readonly cause: string;
}

const LISTENING = `import net from "node:net";
export default net.createServer().listen(0, "127.0.0.1").unref();`;

async function load(entry: string): Promise<Loading> {
  const script = fileURLToPath(new URL("./support/load.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, entry]);
  return JSON.parse(stdout) as Loading;
}

it("output that can't be handed to the transport ends its own connection, and is reported though its handler is over", async () => {
  await using running = await serve("lent.ts");
  const borrowed = new Promise<Connection>((resolve) => borrowers.push(resolve));
  const [client, other] = [await running.connect(), await running.connect()];
  const conn = await borrowed;
  const { transport } = linkOf(conn);
  const refusal = new Error("refused");
  transport.send = () => {
    throw refusal;
  };
  await conn.write("x");
  expect(await running.outcomes[0]).toBe("failed");
  expect(conn.signal.reason).toMatchObject({ code: "ERR_PLAIT_CONNECTION_CLOSED", cause: refusal });
  expect(running.errors).toMatchObject([{ id: "p1.t1.c1", error: { cause: refusal } }]);
  expect(running.host.connections).toBe(1);
  client.destroy();
  other.destroy();
});

describe("loading a service", () => {
  it.each([
    ["missing.ts", "there is no such file. Check the path.", "Cannot find module"],
    ["throws.ts", "Error: no database configured.", "Error: no database configured"],
    ["imports-missing.ts", "Cannot find package 'no-such-package' imported from", "Cannot find package"],
  ])("explains why %s can't be loaded", async (name, problem, cause) => {
    const file = fileURLToPath(new URL(name, services));
    const error = await load(file);
    expect(error).toMatchObject({ name: "ServiceLoadError", code: "ERR_PLAIT_SERVICE_LOAD", file });
    expect(error.message).toContain(`The service ${file} could not be loaded: ${problem}`);
    expect(error.message).not.toContain("\n");
    expect(error.cause).toContain(cause);
  });

  it.each([
    ["script.mjs", "export default { connection( { };", /syntax error: Unexpected token ';'\. Run `node --check`/],
    ["typed.ts", "const a = 1;\nexport default (a: { {}", /syntax error at .*typed\.ts:2: /],
    ["enum.ts", "enum Unstrippable { A }\nexport default {};", /syntax error at .*enum\.ts:1: .*strip-only mode\./],
    [
      "listening.mjs",
      LISTENING,
      /listening\.mjs exports a server that listens already; leave out listen\(\), and Hono's serve\(\)/,
    ],
  ])("explains what is wrong in %s", async (name, source, message) => {
    const folder = await mkdtemp(join(tmpdir(), "plait-"));
    try {
      await writeFile(join(folder, name), source);
      expect((await load(join(folder, name))).message).toMatch(message);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("explains that its start failed", async () => {
    const file = fileURLToPath(new URL("start-fails.ts", services));
    const message = `The service ${file} failed in start(): port 5432 refused`;
    expect(await load(file)).toMatchObject({
      code: "ERR_PLAIT_SERVICE_LOAD",
      message,
      cause: "Error: port 5432 refused",
    });
  });

  it.each([
    ["no-default.ts", "has no default export."],
    ["not-a-service.ts", "exports an object without a `connection` function."],
    ["start-no-function.ts", "exports a service whose `start` is no function."],
  ])("explains why %s is no service", async (name, found) => {
    const file = fileURLToPath(new URL(name, services));
    const error = await load(file);
    expect(error).toMatchObject({ name: "NotAServiceError", code: "ERR_PLAIT_NOT_A_SERVICE", file });
    expect(error.message).toContain(`${file} ${found} Export a service: `);
  });

  it("takes a path relative to the working directory, and a URL", async () => {
    const entry = new URL("echo-upper.ts", services);
    expect(await load(relative(process.cwd(), fileURLToPath(entry)))).toEqual({ loaded: true });
    expect(await load(entry.href)).toEqual({ loaded: true });
  });
});

describe("a service host", () => {
  it.each(["echo-upper.ts", "echo-upper-async.ts"])("serves a connection with %s", async (service) => {
    await using running = await serve(service);
    const client = await running.connect({ allowHalfOpen: true });
    client.write("hello ");
    await once(client, "data");
    client.end("world");
    expect(await readAll(client)).toBe("WORLD");
    expect(await running.outcomes[0]).toBe("served");
    expect(running.host.outcomes.served).toBe(1);
    expect([running.host.total, running.host.connections]).toEqual([1, 0]);
  });

  it("runs start and stop once, and names connections after the unit", async () => {
    log.length = 0;
    const running = await serve("commands.ts", { unit: "p3.t2" });
    for (const expected of ["p3.t2.c1", "p3.t2.c2"]) {
      const client = await running.connect();
      client.write("who\n");
      const [reply] = await once(client, "data");
      expect(reply.toString()).toBe(`${expected} IPv4 127.0.0.1 127.0.0.1\n`);
      client.end();
    }
    await running[Symbol.asyncDispose]();
    await running.host.stop();
    expect(log).toEqual(["start p3.t2", "stop"]);
  });

  it("reports a stop that throws, and has stopped all the same", async () => {
    await using running = await serve("stop-fails.ts");
    await running.host.stop();
    expect(running.host.stopping).toBe(false);
    expect(running.errors).toEqual([expect.objectContaining({ id: undefined })]);
    expect(running.errors[0]?.error).toMatchObject({
      code: "ERR_PLAIT_SERVICE_STOP",
      message: "The service failed in stop(): can't flush",
      cause: { message: "can't flush", cause: { message: "no space left" } },
    });
  });

  it("reports a handler that throws once, with id and peer, and goes on serving", async () => {
    await using running = await serve("commands.ts");
    const bad = await running.connect();
    const good = await running.connect();
    const peer = `127.0.0.1:${bad.localPort}`;
    bad.write("before\nthrow\n");
    expect(await readAll(bad)).toBe("before\n");
    expect(await running.outcomes[0]).toBe("failed");
    good.write("still here\n");
    expect((await once(good, "data"))[0].toString()).toBe("still here\n");
    expect(running.errors).toHaveLength(1);
    expect(running.errors[0]).toMatchObject({
      id: "p1.t1.c1",
      peer,
      error: { message: "thrown on command" },
    });
  });

  it.each(["generator", "async"])(
    "reports a task of a handler that fails (%s), and ends that connection alone",
    async (kind) => {
      await using running = await serve("children.ts");
      const good = await running.connect();
      good.write("hello\n");
      await once(good, "data");
      const bad = await running.connect();
      bad.write(`${kind}\n`);
      expect(await readAll(bad)).toBe("");
      expect(await running.outcomes[1]).toBe("failed");
      expect(running.errors).toEqual([expect.objectContaining({ id: "p1.t1.c2", error: new Error("a child failed") })]);
      good.end("bye\n");
      expect(await running.outcomes[0]).toBe("served");
    },
  );

  it("reports a task of a goodbye that fails", async () => {
    await using running = await serve("children.ts");
    const client = await running.connect();
    client.write("hello\n");
    await once(client, "data");
    running.host.drain();
    await eventually(() => running.errors.length === 1);
    expect(running.errors[0]).toMatchObject({ id: "p1.t1.c1", error: { message: "a child failed" } });
    client.end("bye\n");
    await running.host.idle();
    expect(running.host.outcomes.goodbye).toBe(1);
  });

  it("keeps a connection open until the tasks of its handler have ended", async () => {
    await using running = await serve("children.ts");
    const client = await running.connect();
    client.write("late\n");
    expect(await readAll(client)).toBe("late\n");
    expect(await running.outcomes[0]).toBe("served");
  });

  it("counts a peer's reset, and does not report it", async () => {
    await using running = await serve("commands.ts");
    const client = await running.connect();
    client.write("hello\n");
    await once(client, "data");
    client.resetAndDestroy();
    await eventually(() => running.outcomes.length === 1);
    expect(await running.outcomes[0]).toBe("reset");
    expect(running.errors).toEqual([]);
  });

  it("counts a peer that ends in the middle of a line as invalid", async () => {
    await using running = await serve("commands.ts");
    const client = await running.connect();
    client.end("half a li");
    await readAll(client);
    expect(await running.outcomes[0]).toBe("invalid");
    expect(running.errors).toEqual([]);
  });

  it.each([
    ["long", "ERR_PLAIT_FRAME_NOT_ENCODABLE", "it has 21 bytes"],
    ["two lines", "ERR_PLAIT_FRAME_NOT_ENCODABLE", "it contains a line end"],
    ["upstream", "ERR_PLAIT_CONNECTION_RESET", "The peer reset the connection"],
  ])("reports its own fault once, and does not blame the peer: %s", async (command, code, message) => {
    await using running = await serve("own-faults.ts");
    const resetting = net.createServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    resetting.listen(0, "127.0.0.1");
    await once(resetting, "listening");
    upstream.port = (resetting.address() as net.AddressInfo).port;
    const client = await running.connect();
    const peer = `127.0.0.1:${client.localPort}`;
    client.write(`${command}\n`);
    await readAll(client);
    expect(await running.outcomes[0]).toBe("failed");
    expect(running.errors).toMatchObject([
      { id: "p1.t1.c1", peer, error: { code, message: expect.stringContaining(message) } },
    ]);
    // The log line is about the client; the error says who did it.
    if (command === "upstream") expect(running.errors[0]?.error).toMatchObject({ peer: `127.0.0.1:${upstream.port}` });
    resetting.close();
  });

  it("takes a handler at its word that its peer broke the protocol", async () => {
    await using running = await serve("own-faults.ts");
    const client = await running.connect();
    client.write("unknown\n");
    await readAll(client);
    expect(await running.outcomes[0]).toBe("invalid");
    expect(running.errors).toEqual([]);
  });

  it("says goodbye on drain, and calls what ends then a goodbye", async () => {
    await using running = await serve("commands.ts");
    const client = await running.connect();
    client.write("hello\n");
    await once(client, "data");
    running.host.drain();
    expect((await once(client, "data"))[0].toString()).toBe("goodbye\n");
    client.end("return\n");
    await running.host.idle();
    expect(running.host.outcomes.goodbye).toBe(1);
  });

  it("refuses a listener it does not know, and counts nothing", async () => {
    await using running = await serve("commands.ts");
    const client = await running.connect();
    await eventually(() => running.host.connections === 1);
    expect(() => running.host.serve(client, "other")).toThrow('The service has no listener "other".');
    expect(running.host.connections).toBe(1);
    client.destroy();
  });

  it("lets a goodbye close the connection under its handler", async () => {
    await using running = await serve("closing-goodbye.ts");
    const client = await running.connect();
    client.write("a");
    await once(client, "data");
    running.host.drain();
    expect(await readAll(client)).toBe("so long");
    await running.host.idle();
    expect([running.host.outcomes.goodbye, running.errors.length]).toEqual([1, 0]);
  });

  it("cancels coroutines that do not end, and resolves when all have", async () => {
    await using running = await serve("commands.ts");
    const hanging = await running.connect();
    const reading = await running.connect();
    hanging.write("hang\n");
    reading.write("hello\n");
    await once(reading, "data");
    await running.host.cancel("deadline");
    expect(running.host.connections).toBe(0);
    expect(running.host.outcomes.cancelled).toBe(2);
    await Promise.all([readAll(hanging), readAll(reading)]);
    expect(running.errors).toEqual([]);
  });

  it("cuts off a connection whose async handler waits for a promise that no cancel reaches", async () => {
    await using running = await serve("foreign-promise.ts");
    const client = await running.connect();
    client.write("hello\n");
    await once(client, "data");
    running.host.cancel("deadline");
    await readAll(client);
    expect(await running.outcomes[0]).toBe("cancelled");
  });

  it("sends what was written before the handler returned, however slowly the peer reads", async () => {
    await using running = await serve("big-reply.ts");
    const client = await running.connect();
    client.pause();
    await eventually(() => running.host.total === 1);
    let bytes = 0;
    client.on("data", (chunk) => {
      bytes += chunk.length;
    });
    client.resume();
    await once(client, "end");
    expect(bytes).toBe(8 * 1024 * 1024);
    expect(await running.outcomes[0]).toBe("served");
  });
});
