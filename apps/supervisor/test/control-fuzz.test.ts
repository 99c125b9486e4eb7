// The control socket against hostile peers: every one gets an error or a close, and the supervisor goes on serving.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { Client, RunningSupervisor, service } from "./supervisor-program.ts";

/** The longest request that a supervisor reads, in bytes. */
const LONGEST = 64 * 1024;

async function start() {
  const running = await RunningSupervisor.start([service("echo.ts"), "-p", "0", "-t", "0", "-l", "127.0.0.1:0"]);
  const path = join(running.runtime, "plait", "echo.sock");
  const peer = async () => {
    const socket = connect(path);
    // A peer that is cut off while it still writes.
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    return socket;
  };
  /** It is alive: it answers commands, and serves. */
  const alive = async () => {
    expect(running.child.exitCode).toBeNull();
    expect((await running.status()).state).toBe("serving");
    expect(await (await Client.connect(running.port)).ask("hello")).toBe("HELLO");
    expect(running.stderr).not.toMatch(/Error|\n\s+at /);
  };
  return { peer, alive };
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => (socket.closed ? resolve() : socket.once("close", () => resolve())));
}

/** Sends everything, says that there is no more, and resolves with the replies. */
async function talk(socket: Socket, sent: Uint8Array): Promise<{ ok: boolean; id: number | null }[]> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.end(sent);
  await closed(socket);
  const text = Buffer.concat(chunks).toString("utf8");
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

const bytes = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
/** Half a message, a wrong one, or no message at all. Never "stop", which would be obeyed. */
const request = fc.record(
  {
    plait: fc.oneof(fc.constant(1), fc.jsonValue()),
    id: fc.oneof(fc.integer(), fc.jsonValue()),
    command: fc.oneof(
      fc.constantFrom("status", "configuration", "constructor", "__proto__", "toString", ""),
      fc.jsonValue().filter((value) => value !== "stop"),
    ),
    params: fc.oneof(fc.constant({}), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const message = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each)),
  fc.jsonValue().map(bytes),
  request.map(bytes),
  fc.tuple(request.map(bytes), fc.nat(60)).map(([whole, cut]) => whole.subarray(0, cut)),
);

test("whatever is sent is answered with an error or a result, line by line, and harms nobody", async () => {
  const { peer, alive } = await start();
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 8 }), async (messages) => {
      const replies = await talk(await peer(), Buffer.concat(messages.flatMap((each) => [each, Buffer.from("\n")])));
      for (const { ok } of replies) expect(typeof ok).toBe("boolean");
    }),
    { numRuns: process.env.PLAIT_LONG ? 150 : 50, interruptAfterTimeLimit: 10_000, includeErrorInReport: true },
  );
  await alive();
});

test("a line that never ends is cut off with a reason", async () => {
  const { peer, alive } = await start();
  const replies = await talk(await peer(), Buffer.alloc(LONGEST + 1, "x"));
  expect(replies).toEqual([
    { id: null, ok: false, error: { code: "ERR_PLAIT_CONTROL", message: expect.stringContaining(`${LONGEST} bytes`) } },
  ]);
  const stubborn = await peer();
  stubborn.write(Buffer.alloc(8 * 1024 * 1024, "x"));
  await closed(stubborn);
  await alive();
});

test("a request of another version is told which one is spoken", async () => {
  const { peer, alive } = await start();
  for (const plait of [0, 2, "1", null, undefined, { toString: [] }]) {
    const [reply] = await talk(await peer(), bytes(`${JSON.stringify({ plait, id: 1, command: "status" })}\n`));
    expect(reply).toMatchObject({ ok: false, error: { message: expect.stringContaining("version 1") } });
  }
  await alive();
});

test("peers that leave in the middle of a request or of its reply", async () => {
  const { peer, alive } = await start();
  for (const sent of ['{"plait":1,', `${JSON.stringify({ plait: 1, id: 1, command: "status", params: {} })}\n`]) {
    for (let i = 0; i < 50; i++) {
      const socket = await peer();
      socket.write(sent);
      socket.destroy();
    }
  }
  await alive();
});

test("hundreds of silent peers keep nobody from being answered", async () => {
  const { peer, alive } = await start();
  await Promise.all(Array.from({ length: 300 }, peer));
  await alive();
});
