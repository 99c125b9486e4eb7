import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { client, serving } from "../serving.ts";

const fixture = fileURLToPath(new URL("../fixtures/echo-thread.ts", import.meta.url));
const watchdog = { report: 200, kill: 1000 };

test.each([
  ["an endless loop three calls deep", "loop", "parseForever", ["parseForever", "parseLine", "parseAll"]],
  ["endless microtasks", "microtasks", "again", ["again"]],
])(
  "%s is reported with its stack and connection, then replaced; siblings never notice",
  async (_, order, top, names) => {
    const { group, port, until } = await serving({ watchdog });
    const [first, second] = [await client(port), await client(port)];
    expect(await first.ask("a")).toBe("p1.t1 a");
    expect(await second.ask("b")).toBe("p1.t2 b");

    first.socket.write(order);
    const blocked = await until((event) => event.type === "blocked");
    expect(blocked).toMatchObject({ unit: "p1.t1", running: "p1.t1.c1" });
    if (blocked.type === "blocked") {
      expect(blocked.frames.slice(0, names.length).map((frame) => frame.split(" ")[0])).toEqual(names);
      expect(blocked.frames[0]).toMatch(new RegExp(`^${top} \\(${fixture}:\\d+:\\d+\\)$`));
    }
    // A thread that is blocked gets no connections.
    expect(await (await client(port)).ask("c")).toBe("p1.t2 c");
    expect(await (await client(port)).ask("d")).toBe("p1.t2 d");

    expect(await until((event) => event.type === "exited")).toMatchObject({
      unit: "p1.t1",
      exit: {
        cause: "hung",
        text: expect.stringMatching(new RegExp(`^blocked its event loop for \\d+ ms in ${top} `)),
      },
    });
    await first.closed;
    await until((event) => event.type === "ready" && event.incarnation === 2);
    expect(await second.ask("still here")).toBe("p1.t2 still here");
    expect(await (await client(port)).ask("new")).toBe("p1.t1 new");
    expect(group.stats.get("p1.t1")).toMatchObject({ lost: 1 });
  },
);

test("a thread that goes on before the kill threshold is kept, and gets connections again", async () => {
  const { port, events, until } = await serving({ watchdog: { report: 100, kill: 10_000 } });
  const [first, second] = [await client(port), await client(port)];
  await first.ask("a");
  await second.ask("b");
  first.socket.write("block a while");
  await until((event) => event.type === "recovered");
  expect(events.map((event) => event.type)).toEqual(["ready", "ready", "blocked", "recovered"]);
  // It waited in native code, where it can't be stopped: shared memory tells the coroutine all the same.
  expect(events[2]).toMatchObject({ step: { task: expect.any(Number), ms: expect.any(Number) } });
  expect(await first.ask("back")).toBe("p1.t1 back");
  expect(await (await client(port)).ask("new")).toBe("p1.t1 new");
});
