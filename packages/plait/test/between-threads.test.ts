// The guide's examples of what crosses threads.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { supervise } from "plait";
import { expect, onTestFinished, test } from "vitest";

const example = (name: string) => fileURLToPath(new URL(`../examples/${name}.ts`, import.meta.url));
const room = example("room");
const loginLimit = example("login-limit");

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
    ["p1.t1", "p1.t2", "p1.t3"].map((unit) => supervisor.call(unit, "say", ["closing"], Number.POSITIVE_INFINITY)),
  );
  expect(heard).toEqual([2, 2, 2]);
  await expect(supervisor.call("p1.t1", "say", ["late"], Number.NaN)).rejects.toThrow(RangeError);
  for (const ms of [Number.NaN, 0, 600_001]) {
    await expect(supervisor.record("p1.t1", { kind: "cpu", ms }, "/nowhere/profile")).rejects.toMatchObject({
      code: "ERR_PLAIT_INVALID_ARGUMENT",
    });
  }
  const refused = { code: "ERR_PLAIT_INVALID_ARGUMENT" };
  for (const count of [Number.NaN, 1.5, -1, "2" as unknown as number]) {
    await expect(supervisor.scaleThreads(count)).rejects.toMatchObject(refused);
    await expect(supervisor.scale(count)).rejects.toMatchObject(refused);
  }
  await expect(supervisor.scaleThreads(513)).rejects.toThrow(
    expect.objectContaining({ ...refused, message: expect.stringContaining("up to 512") }),
  );
  await expect(supervisor.scale(100_000_000)).rejects.toMatchObject({ code: "ERR_PLAIT_CONFIG" });
  for (const each of members) {
    expect(await each.line()).toBe("closing");
    each.socket.end();
  }
});

test("logins are counted and limited over all threads together", async () => {
  await using supervisor = await supervise({
    entry: loginLimit,
    listen: "127.0.0.1:0",
    topology: { processes: 0, threads: 3 },
  });
  const port = Number(supervisor.listeners[0]?.address.split(":")[1]);
  const since = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 15 }, async (_, n) => {
      const { socket, line } = await member(port);
      socket.write(`user${n}\n`);
      const answer = await line();
      socket.end();
      return answer;
    }),
  );
  const seconds = (performance.now() - since) / 1_000;
  const numbers = answers.flatMap((answer) => /number (\d+)$/.exec(answer ?? "")?.[1] ?? []).map(Number);
  expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
  expect(numbers.length).toBeGreaterThanOrEqual(10);
  expect(numbers.length).toBeLessThanOrEqual(10 + Math.ceil(seconds * 5));
  expect(answers.filter((answer) => answer === "later, please")).toHaveLength(15 - numbers.length);
});

test.each([room, loginLimit])("the guide shows %s as it is", (path) => {
  const guide = readFileSync(new URL("../../../docs/guide/between-threads.md", import.meta.url), "utf8");
  expect(guide).toContain(readFileSync(path, "utf8"));
});
