// A thread that is told to end while its event loop stands still.
import { defaultRollout } from "@plait/policy";
import { expect, test } from "vitest";
import { blockedStack } from "../src/inspect/blocked-stack.ts";
import { client, fixture, serving } from "./serving.ts";

const calm = new AbortController().signal;

test("one that goes on within the drain finishes what it has, though it could not answer for longer than cancel takes", async () => {
  const { group, port, until } = await serving();
  const [first, second] = [await client(port), await client(port)];
  expect(await first.ask("a")).toBe("p1.t1 a");
  expect(await second.ask("b")).toBe("p1.t2 b");
  first.socket.write("block a while");
  const stopped = group.stop({ drain: 10_000, cancel: 50 }, calm);
  expect(await first.ask("still here")).toBe("p1.t1 still here");
  first.socket.end();
  second.socket.end();
  await stopped;
  expect(await until((event) => event.type === "exited" && event.unit === "p1.t1")).toMatchObject({
    exit: { cause: "planned" },
  });
  for (const { lost } of group.stats.values()) expect(lost).toBe(0);
});

test("one that has nothing left stays for calls of what is in flight on the others", async () => {
  const { group, port, until, events } = await serving();
  const { ask, socket } = await client(port);
  expect(await ask("ask p1.t2")).toBe("p1.t1 asked p1.t2");
  const stopped = group.stop({ drain: 60_000, cancel: 1000 }, calm);
  for (let n = 0; n < 50; n++) expect(await ask("ask p1.t2")).toBe("p1.t1 asked p1.t2");
  expect(events.map(({ type }) => type)).not.toContain("exited");
  socket.end();
  await stopped;
  await until((event) => event.type === "exited" && event.unit === "p1.t2" && event.exit.cause === "planned");
});

test("one that does not answer is ended as hung, with its stack", async () => {
  const { group, port, until } = await serving({ watchdog: { report: 0, kill: 0 } });
  const { ask, socket } = await client(port);
  expect(await ask("a")).toBe("p1.t1 a");
  socket.write("loop");
  await group.stop({ drain: 100, cancel: 3000 }, calm);
  const gone = await until((event) => event.type === "exited" && event.unit === "p1.t1");
  const top = expect.stringMatching(new RegExp(`^parseForever \\(${fixture("echo-thread")}:\\d+:\\d+\\)$`));
  expect(gone).toMatchObject({
    exit: {
      cause: "hung",
      text: expect.stringMatching(/^did not answer for \d+ ms when it was to end in parseForever /),
      stack: { frames: expect.arrayContaining([top]) },
    },
  });
  expect(group.stats.get("p1.t1")).toMatchObject({ lost: 1 });
});

test("one that crashes while it drains has crashed, what it had is lost, and it does not come back", async () => {
  const { group, port, until, events } = await serving();
  const { ask, socket, closed } = await client(port);
  expect(await ask("a")).toBe("p1.t1 a");
  const resized = group.resize(["p1.t2"], { budget: { drain: 60_000, cancel: 1000 }, hurry: calm });
  socket.write("throw");
  await Promise.all([resized, closed]);
  const gone = await until((event) => event.type === "exited");
  expect(gone).toMatchObject({ unit: "p1.t1", exit: { cause: "crashed", text: "uncaught Error: boom" } });
  expect(events.some(({ type }) => type === "backoff" || type === "gave-up")).toBe(false);
});

test("the watchdog also looks at threads that drain, in a stop and in a roll", async () => {
  const { group, port, until } = await serving({ watchdog: { report: 100, kill: 400 } });
  const { ask, socket } = await client(port);
  expect(await ask("a")).toBe("p1.t1 a");
  const limits = { ...defaultRollout, soak: 0 };
  const budget = { drain: 60_000, cancel: 1000 };
  const rolled = group.roll({ units: ["p1.t1"], budget, hurry: calm, limits, signal: calm });
  await until((event) => event.type === "ready" && event.unit === "p1.t1" && event.incarnation === 2);
  socket.write("loop");
  await rolled;
  const second = await client(port);
  expect(await second.ask("a")).toBe("p1.t1 a");
  const stopped = group.stop(budget, calm);
  second.socket.write("loop");
  await stopped;
  for (const incarnation of [1, 2]) {
    expect(
      await until((event) => event.type === "exited" && event.incarnation === incarnation && event.unit === "p1.t1"),
    ).toMatchObject({
      exit: { cause: "hung", text: expect.stringMatching(/^blocked its event loop/) },
    });
  }
});

test.each([0, 5, 10, 20])("one that is killed %d ms after somebody began to read its stack ends", async (ms) => {
  const { group, port, until } = await serving({ units: ["p1.t1"], watchdog: { report: 100, kill: 0 } });
  const { ask, socket } = await client(port);
  expect(await ask("a")).toBe("p1.t1 a");
  socket.write("loop");
  await until((event) => event.type === "blocked");
  const thread = group.slots[0]?.running;
  const read = blockedStack(thread?.threadId ?? 0, 1000);
  await new Promise((resolve) => setTimeout(resolve, ms));
  thread?.kill();
  await until((event) => event.type === "exited");
  await read;
});
