import { expect, test } from "vitest";
import type { Candidate, Placement } from "../src/placement.ts";
import { client, restart, serving } from "./serving.ts";

test("connections go to the thread with the fewest", async () => {
  const { port } = await serving();
  const units = new Map<string, number>();
  for (let i = 0; i < 10; i++) {
    const { ask } = await client(port);
    const [unit = ""] = (await ask("hello")).split(" ");
    units.set(unit, (units.get(unit) ?? 0) + 1);
  }
  expect(Object.fromEntries(units)).toEqual({ "p1.t1": 5, "p1.t2": 5 });
});

test("a placement that fails in any way is warned of once, and its clients are served all the same", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on("warning", onWarning);
  const ways = [
    () => {
      throw new Error("no rule for this client");
    },
    () => undefined,
    () => ({ unit: "p1.t7", connections: 0 }),
    async (candidates: readonly Candidate[]) => candidates[1],
    (candidates: Candidate[]) => candidates.splice(0) && undefined,
  ];
  const left = [...ways];
  const placement = (candidates: Candidate[]) => left.shift()?.(candidates);
  const { port } = await serving({ placement: placement as unknown as Placement });
  for (const [n] of ways.entries()) {
    expect(await (await client(port)).ask(`${n}`)).toBe(`p1.t${(n % 2) + 1} ${n}`);
  }
  process.off("warning", onWarning);
  expect(left).toEqual([]);
  expect(warnings.map((warning) => "code" in warning && warning.code)).toEqual(["PLAIT_PLACEMENT"]);
});

test("a module that fails to load is an error with its cause, not a group that hangs", async () => {
  const error = await serving({ data: () => ({ fail: "no such table" }) }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "ERR_PLAIT_THREAD_START",
    message: expect.stringMatching(/^p1\.t[12] failed to start: no such table$/),
  });
  expect((error as Error).cause).toMatchObject({ code: "ERR_PLAIT_TEST", cause: { message: "why" } });
});

test("a module that is missing is an error within the start timeout", async () => {
  const failed = serving({ filename: "/nowhere/thread.ts", startTimeout: 2000 });
  await expect(failed).rejects.toMatchObject({ code: "ERR_PLAIT_THREAD_START" });
});

test("a thread that never becomes ready is ended at the start timeout", async () => {
  const failed = serving({ data: () => ({ hang: true }), startTimeout: 300 });
  // On a busy machine it may still be loading, which is seen as well.
  await expect(failed).rejects.toThrow(/^p1\.t1 was not ready within 300 ms: it (waits for something|is in )/);
});

test("a thread that blocks while it starts is ended at the start timeout, with the line that it is in", async () => {
  const failed = serving({ units: ["p1.t1"], data: () => ({ block: true }), startTimeout: 2_500 });
  await expect(failed).rejects.toThrow(
    /p1\.t1 was not ready within 2500 ms: it is in parseForever \(.*echo-thread\.ts:\d+:\d+\)$/,
  );
});

test("a thread that keeps dying is given up, and the group ends", async () => {
  const { port, until, group } = await serving({ restart: { ...restart, intensity: 1 } });
  for (let round = 0; round < 3; round++) {
    await until((event) => event.type === "ready" && event.unit === "p1.t1" && event.incarnation === round + 1);
    (await client(port)).socket.write("throw");
  }
  expect(await until((event) => event.type === "gave-up")).toMatchObject({ type: "gave-up" });
  expect(group.hasRoom).toBe(false);
});

test("the cap of coroutines is kept, and room is announced when a connection ends", async () => {
  let rooms = 0;
  const announced = Promise.withResolvers<void>();
  const { group, port } = await serving({
    coroutines: 1,
    onRoom: () => {
      if (++rooms === 3) announced.resolve();
    },
  });
  const [first, second] = [await client(port), await client(port)];
  await first.ask("a");
  await second.ask("b");
  expect(group.hasRoom).toBe(false);
  first.socket.destroy();
  await announced.promise;
  expect(group.hasRoom).toBe(true);
});

test("a stop waits for what is in flight, then ends the threads", async () => {
  const { group, port } = await serving();
  const { socket, ask } = await client(port);
  await ask("hello");
  const stopped = group.stop({ drain: 10_000, cancel: 1000 }, new AbortController().signal);
  expect(await ask("still served")).toBe("p1.t1 still served");
  socket.end();
  socket.destroy();
  await stopped;
  expect(group.slots.map((slot) => slot.state)).toEqual(["stopped", "stopped"]);
});

test("hurrying a stop cancels what is in flight", async () => {
  const { group, port } = await serving();
  const { ask, closed } = await client(port);
  await ask("hello");
  const hurry = new AbortController();
  const stopped = group.stop({ drain: 60_000, cancel: 1000 }, hurry.signal);
  hurry.abort();
  await Promise.all([stopped, closed]);
});
