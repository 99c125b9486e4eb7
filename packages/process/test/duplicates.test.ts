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

test("a listener that is closed has no more duplicates, and one that never was has none", async () => {
  const { call, socket } = await pausing("tcp");
  expect(await call("duplicates")).toBe(1);
  socket.close();
  expect(await call("duplicate")).toBe(false);
});
