// The guide's chat room, over the threads of a process.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { supervise } from "plait";
import { expect, onTestFinished, test } from "vitest";

const room = fileURLToPath(new URL("../examples/room.ts", import.meta.url));

async function member(port: number): Promise<{ socket: Socket; line(): Promise<string | undefined> }> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  return { socket, line: async () => (await lines.next()).value };
}

test("a line is heard by the members on every thread, and the operator's too", async () => {
  await using supervisor = await supervise({
    entry: room,
    listen: "127.0.0.1:0",
    topology: { processes: 0, threads: 3 },
  });
  const port = Number(supervisor.listeners[0]?.address.split(":")[1]);
  const members = [];
  for (let n = 0; n < 6; n++) {
    const one = await member(port);
    one.socket.write("here\n");
    for (const each of [...members, one]) expect(await each.line()).toMatch(/^p1\.t[123]\.c\d+: here$/);
    expect(await one.line()).toBe(`heard by ${members.length + 1}`);
    members.push(one);
  }
  const heard = await Promise.all(
    ["p1.t1", "p1.t2", "p1.t3"].map((unit) => supervisor.call(unit, "say", ["closing"], 5_000)),
  );
  expect(heard).toEqual([2, 2, 2]);
  for (const each of members) {
    expect(await each.line()).toBe("closing");
    each.socket.end();
  }
});

test("the guide shows it as it is", () => {
  const guide = readFileSync(new URL("../../../docs/guide/between-threads.md", import.meta.url), "utf8");
  expect(guide).toContain(readFileSync(room, "utf8"));
});
