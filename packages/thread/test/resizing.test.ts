// A group that is resized and rolled while clients come and go: no connection is lost, nothing is left behind.
import { readdirSync } from "node:fs";
import { defaultRollout } from "@plait/policy";
import { expect, test } from "vitest";
import { client, serving } from "./serving.ts";

const ending = { budget: { drain: 10_000, cancel: 1000 }, hurry: new AbortController().signal };
const rolling = { ...ending, limits: { ...defaultRollout, soak: 0 }, signal: new AbortController().signal };
const units = (count: number) => Array.from({ length: count }, (_, index) => `p1.t${index + 1}`);

/** Clients that connect, ask and leave in a loop until told to stop; resolves with the answers they got. */
function coming(port: number, clients: number) {
  let going = true;
  const done = Array.from({ length: clients }, async () => {
    let answers = 0;
    for (; going; answers++) {
      const { socket, ask, closed } = await client(port);
      expect(await ask(`${answers}`)).toMatch(new RegExp(`^p1\\.t\\d ${answers}$`));
      socket.end();
      await closed;
    }
    return answers;
  });
  return async () => {
    going = false;
    return (await Promise.all(done)).reduce((sum, answers) => sum + answers, 0);
  };
}

test("resized and rolled under load, a group loses no connection and leaves no descriptor behind", async () => {
  const { group, port, until } = await serving();
  const stop = coming(port, 4);
  const descriptors: number[] = [];
  for (let round = 0; round < 3; round++) {
    await group.resize(units(3), ending);
    expect(await group.roll(rolling)).toEqual({ ok: true });
    await group.resize(units(1), ending);
    await group.resize(units(2), ending);
    descriptors.push(readdirSync("/proc/self/fd").length);
  }
  expect(await stop()).toBeGreaterThan(50);
  for (const { lost } of group.stats.values()) expect(lost).toBe(0);
  // A thread has a handful of its own, and a few clients are always about.
  expect(Math.abs((descriptors[2] ?? 0) - (descriptors[0] ?? 0))).toBeLessThan(15);
  expect((await until((event) => event.type === "ready")).type).toBe("ready");
});

test("a connection stays with the thread it is on until it ends, while a new thread takes the slot", async () => {
  const { group, port, until } = await serving({ units: ["p1.t1"] });
  const old = await client(port);
  expect(await old.ask("a")).toBe("p1.t1 a");
  const rolled = group.roll(rolling);
  await until((event) => event.type === "ready" && event.incarnation === 2);
  expect(await (await client(port)).ask("b")).toBe("p1.t1 b");
  expect(await old.ask("still the old one")).toBe("p1.t1 still the old one");
  expect(group.stats.get("p1.t1")).toMatchObject({ connections: 2, total: 2 });
  old.socket.end();
  expect(await rolled).toEqual({ ok: true });
  expect(group.stats.get("p1.t1")).toMatchObject({ connections: 1, total: 2, lost: 0 });
});

test("a slot whose thread can't start is not added, and the group goes on", async () => {
  const data: { fail?: string } = {};
  const { group, port } = await serving({ data: () => data });
  data.fail = "no such table";
  await expect(group.resize(units(3), ending)).rejects.toThrow("p1.t3 failed to start: no such table");
  expect(group.slots.map(({ unit }) => unit)).toEqual(units(2));
  expect(await group.roll(rolling)).toMatchObject({ ok: false, replaced: [] });
  expect(await (await client(port)).ask("a")).toBe("p1.t1 a");
});
