// Processes that ask their supervisor for more duplicates of a listening socket.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultRestart } from "@plait/policy";
import { expect, onTestFinished, test } from "vitest";
import { ListeningSocket } from "../src/listening-socket.ts";
import { ProcessGroup } from "../src/process-group.ts";
import { ask } from "./connecting.ts";

const exec = fileURLToPath(new URL("./fixtures/pausing-process.ts", import.meta.url));

async function pausing(kind: "tcp" | "unix") {
  const folder = mkdtempSync(join(tmpdir(), "plait-duplicates-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const address =
    kind === "tcp" ? ({ kind, host: "127.0.0.1", port: 0 } as const) : ({ kind, path: join(folder, "s") } as const);
  const socket = await ListeningSocket.bind(address);
  onTestFinished(() => socket.close());
  const group = await ProcessGroup.start({
    units: ["p1"],
    exec,
    body: {},
    sockets: [{ socket, backlog: 511 }],
    startTimeout: 15_000,
    hangTimeout: 0,
    restart: defaultRestart.process,
    onTold: () => {},
    onOutput: () => {},
    onEvent: () => {},
  });
  onTestFinished(() => group.kill());
  const call = (method: string, ...args: unknown[]) => group.slots[0]?.running?.call(method, args, 10_000);
  return { call, socket, to: socket.port ?? socket.address };
}

test.each(["tcp", "unix"] as const)(
  "%s: connections wait while the process has paused, and none is lost",
  async (kind) => {
    const { call, to } = await pausing(kind);
    expect((await ask(to)).text).toBe("p1");
    await call("pause");
    const waiting = Promise.all([1, 2, 3].map(() => ask(to)));
    expect(await Promise.race([waiting, call("descriptors")])).toBeTypeOf("number");
    await call("resume");
    expect((await waiting).map(({ text }) => text)).toEqual(["p1", "p1", "p1"]);

    const before = await call("descriptors");
    for (let times = 0; times < 20; times++) await call("flip", 3);
    expect((await ask(to)).text).toBe("p1");
    // Connections that have just ended may still have theirs.
    expect(await call("descriptors")).toBeLessThan(Number(before) + 10);
  },
);

test("in a rush of connections several servers accept, all are served, and one server is left", async () => {
  const { call, to } = await pausing("tcp");
  const before = Number(await call("descriptors"));
  await call("busy", 1);
  while (((await call("servers")) as number[])[1] !== 8) {
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(to)));
    expect(answers.filter(({ text }) => text !== "p1")).toEqual([]);
  }
  await expect.poll(() => call("servers"), { timeout: 10_000 }).toEqual([1, 8]);
  await expect.poll(() => call("descriptors"), { timeout: 10_000 }).toBeLessThanOrEqual(before);
});

test("whoever pauses in a rush has no server that goes on accepting", async () => {
  const { call, to } = await pausing("tcp");
  await call("busy", 1);
  const first = Array.from({ length: 200 }, () => ask(to));
  while (Number(((await call("servers")) as number[])[1]) < 2)
    first.push(...Array.from({ length: 200 }, () => ask(to)));
  await call("pause");
  expect(((await call("servers")) as number[])[0]).toBe(0);
  first.push(...Array.from({ length: 20 }, () => ask(to)));
  const accepted = await call("connections");
  expect(await call("connections")).toBe(accepted);
  expect(accepted).toBeLessThan(first.length);
  await call("resume");
  const answers = await Promise.all(first);
  expect(answers.filter(({ text }) => text !== "p1")).toEqual([]);
});

test("a listener that is closed has no more duplicates, and one that never was has none", async () => {
  const { call, socket } = await pausing("tcp");
  expect(await call("duplicates")).toBe(1);
  socket.close();
  expect(await call("duplicate")).toBe(false);
});
