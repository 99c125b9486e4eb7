// A group that is resized and rolled while clients come and go: no connection is lost, nothing is left behind.
import { connect } from "node:net";
import { defaultRollout } from "@plait/policy";
import { expect, test } from "vitest";
import { leftBehind } from "./left-behind.ts";
import { client, serving } from "./serving.ts";

const ending = { budget: { drain: 10_000, cancel: 1000 }, hurry: new AbortController().signal };
const rolling = { ...ending, limits: { ...defaultRollout, soak: 0 }, signal: new AbortController().signal };
const units = (count: number) => Array.from({ length: count }, (_, index) => `p1.t${index + 1}`);

/** Each half of the soak takes so long, in ms. Short, it is one round. */
const HALF_MS = process.env.PLAIT_LONG ? 30_000 : 0;

/** Clients that connect, ask and leave in a loop until told to stop; resolves with the answers they got. */
function coming(port: number, clients: number) {
  let going = true;
  const done = Array.from({ length: clients }, async () => {
    let answers = 0;
    for (; going; answers++) expect(await askOnce(port, `${answers}`)).toMatch(new RegExp(`^p1\\.t\\d ${answers}$`));
    return answers;
  });
  return async () => {
    going = false;
    return (await Promise.all(done)).reduce((sum, answers) => sum + answers, 0);
  };
}

async function askOnce(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.end(text);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
}

test(
  "resized and rolled under load, a group loses no connection and leaves nothing behind",
  async () => {
    const { group, port, ends } = await serving();
    const connections = () => [...group.stats.values()].reduce((sum, slot) => sum + slot.connections, 0);
    const half = async () => {
      const stop = coming(port, 2);
      const until = performance.now() + HALF_MS;
      let rounds = 0;
      do {
        await group.resize(units(3), ending);
        expect(await group.roll(rolling)).toEqual({ ok: true });
        await group.resize(units(1), ending);
        await group.resize(units(2), ending);
        rounds++;
      } while (performance.now() < until);
      const answers = await stop();
      // A client may hear of the end before the group does.
      while (connections() > 0) await new Promise(setImmediate);
      // What this test keeps of each connection is no leak.
      ends.length = 0;
      return { rounds, answers, left: await leftBehind() };
    };
    const [first, second] = [await half(), await half()];
    for (const { lost } of group.stats.values()) expect(lost).toBe(0);
    expect(first.answers + second.answers).toBeGreaterThan(20);
    const { memory, rss, ...counts } = first.left;
    // Each round starts six threads: what one of them leaves behind shows sixfold.
    for (const [what, count] of Object.entries(counts)) {
      expect(second.left[what as keyof typeof counts], what).toBeLessThanOrEqual(count + 3);
    }
    expect(second.left.memory).toBeLessThan(memory * 1.1 + 2 ** 20);
    if (process.env.PLAIT_LONG) console.log({ first, second });
  },
  HALF_MS * 4 + 60_000,
);

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
