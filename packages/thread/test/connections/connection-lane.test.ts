// Connections on their way to a thread, in it and back, whatever ends that thread and whenever.
import { connect } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ServingThread } from "../../src/serving-thread.ts";
import { client, restart, serving } from "../serving.ts";

/** More deaths than a group is forgiven elsewhere. */
const often = { ...restart, intensity: 1_000 };
const noWatch = { report: 0, kill: 0 };

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

/** Connects, sends something and ends its half some turns later; resolves when the connection is closed. */
async function visit(port: number, text: string, endAfter: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.write(text);
  socket.resume();
  await turns(endAfter);
  socket.end();
  await closed;
}

const endings: Record<string, (thread: ServingThread | undefined, port: number) => unknown> = {
  "kill it": (thread) => thread?.kill(),
  "end it for a reason": (thread) => thread?.end({ cause: "hung", text: "test" }),
  "let it exit": (_, port) => visit(port, "exit", 0),
  "let it throw": (_, port) => visit(port, "throw", 0),
  "stop it at once": (thread) =>
    // A stop that was planned is not followed by another thread.
    thread?.stop({ drain: 0, cancel: 1_000 }, AbortSignal.abort(), { cause: "crashed", text: "test" }),
};

test("each connection's end is told exactly once, and the books balance, whatever ends its thread", async () => {
  const { group, port, until, ends } = await serving({ units: ["p1.t1"], restart: often, watchdog: noWatch });
  let incarnation = 1;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(40), { maxLength: 25 }),
      fc.constantFrom(...Object.keys(endings)),
      fc.nat(60),
      async (visits, ending, life) => {
        await until(
          ({ type, ...event }) => type === "ready" && "incarnation" in event && event.incarnation === incarnation,
        );
        const before = ends.length;
        const thread = group.slots[0]?.running;
        const visited = visits.map((endAfter) => visit(port, "hello", endAfter));
        await turns(life);
        void endings[ending]?.(thread, port);
        await Promise.all([thread?.exited, ...visited]);
        incarnation++;
        const told = ends.slice(before);
        for (const end of told) expect(end).toHaveLength(1);
        const { connections, total, outcomes, lost } = thread?.stats ?? {};
        expect(connections).toBe(0);
        expect(Object.values(outcomes ?? {}).reduce((sum, count) => sum + count, lost ?? 0)).toBe(total);
        expect(told.filter(([outcome]) => outcome === undefined)).toHaveLength(lost ?? 0);
      },
    ),
    { numRuns: process.env.PLAIT_LONG ? 200 : 8, endOnFailure: true },
  );
}, 150_000);

test("connections that had ended when their thread exits are counted by their outcome", async () => {
  const { group, port, until, ends } = await serving({ units: ["p1.t1"], watchdog: noWatch });
  const [stays, ending] = [await client(port), await client(port)];
  await stays.ask("a");
  ending.socket.write("end and exit");
  await until((event) => event.type === "exited");
  expect(ends).toEqual([[undefined], ["served"]]);
  expect(group.stats.get("p1.t1")).toMatchObject({ connections: 0, total: 2, outcomes: { served: 1 }, lost: 1 });
});

test("a thread that was told to end gets no connection, however long it takes", async () => {
  const { group } = await serving({ units: ["p1.t1"], watchdog: noWatch });
  expect(group.hasRoom).toBe(true);
  group.slots[0]?.running?.kill();
  expect(group.slots[0]?.state).toBe("ready");
  expect(group.hasRoom).toBe(false);
});

test("a connection whose peer has reset it before it was handed over is told of as lost, and nothing else is", async () => {
  const { group, port, ends, accepted } = await serving({ units: ["p1.t1"], watchdog: noWatch });
  const thread = group.slots[0]?.running;
  const told: (string | undefined)[] = [];
  const arrived = accepted(1);
  const steady = await client(port);
  await arrived;
  const destroyed = connect(port, "127.0.0.1");
  destroyed.on("error", () => {});
  destroyed.destroy();
  thread?.serve(destroyed, "main", undefined, (outcome) => told.push(outcome));
  expect(told).toEqual([]);
  await turns(1);
  expect(told).toEqual([undefined]);
  expect(await steady.ask("a")).toBe("p1.t1 a");
  expect(ends[0]).toEqual([]);
  expect(thread?.stats).toMatchObject({ connections: 1, lost: 1 });
});
