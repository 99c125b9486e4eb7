import { spawnSync } from "node:child_process";
import type { ListenerOptions } from "@plait/net";
import { describe, expect, it } from "vitest";
import { readAll, serve } from "./support/serving.ts";

const python = spawnSync("python3", ["--version"]).status === 0;

describe.skipIf(!python)("what the kernel says of a served socket", () => {
  it.each<[ListenerOptions, object]>([
    [{}, { noDelay: true, keepAlive: 60 }],
    [{ keepAlive: 300_000 }, { noDelay: true, keepAlive: 300 }],
    [{ keepAlive: 1 }, { noDelay: true, keepAlive: 1 }],
    [
      { noDelay: false, keepAlive: false },
      { noDelay: false, keepAlive: false },
    ],
  ])("with %o: %o", async (main, expected) => {
    await using running = await serve("socket-options.ts", { listeners: { main } });
    expect(JSON.parse(await readAll(await running.connect()))).toEqual(expected);
  });
});
