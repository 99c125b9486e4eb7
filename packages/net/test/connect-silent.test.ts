// In a file of its own, because it counts the process's sockets.
import { spawn as fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { run, spawn, until } from "@plait/coroutine";
import { connect } from "@plait/net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookupOf } from "./support/lookup.ts";
import { eventually } from "./support/serving.ts";

const [A, B] = ["127.0.0.1", "127.0.0.2"];

/** Sockets this process has open. */
function openSockets(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
    } catch {
      return false;
    }
  }).length;
}

const python = process.platform === "linux" && spawnSync("python3", ["--version"]).status === 0;

describe.skipIf(!python)("connect, where addresses do not answer", () => {
  const script = fileURLToPath(new URL("support/silent-listeners.py", import.meta.url));
  const silent = fork("python3", [script], { stdio: ["pipe", "pipe", "inherit"] });
  const name = { host: "two.test", port: 0, lookup: lookupOf(A, B), attemptTimeout: 20 };
  beforeAll(async () => {
    name.port = Number((await once(silent.stdout, "data"))[0]);
  });
  afterAll(() => {
    silent.stdin.end();
  });

  it("leaves nothing behind when it is cancelled", async () => {
    const before = openSockets();
    await run(function* () {
      const task = spawn(() => connect(name));
      yield* until(eventually(() => openSockets() === before + 2));
      yield* task.cancel();
    });
    await eventually(() => openSockets() === before);
  });

  it("uses the next address when one is silent, and lets go of the silent one", async () => {
    const server = net.createServer((socket) => socket.on("error", () => {}).end()).listen(name.port, "127.0.0.3");
    await once(server, "listening");
    const before = openSockets();
    const conn = await connect({ ...name, lookup: lookupOf(A, "127.0.0.3") });
    expect(conn.remote.address).toBe("127.0.0.3");
    await conn.close();
    await eventually(() => openSockets() === before);
    server.close();
  });

  // Last: from here on the first address answers.
  it("uses the first address when it answers late and the others never do", async () => {
    const before = openSockets();
    const waiting = run(() => connect(name));
    // Both were asked, and neither heard it: the first hears it when it is asked again, a second later.
    await eventually(() => openSockets() === before + 2);
    silent.stdin.write("\n");
    const conn = await waiting;
    expect(conn.remote.address).toBe(A);
    conn.reset();
  });
});
