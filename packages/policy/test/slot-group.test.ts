// Keeping one unit alive in each slot, in virtual time.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { defaultRestart, type Exit, SlotGroup, type UnitEvent } from "../src/index.ts";
import { FakeUnit } from "./fake-unit.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function group(units: readonly string[], intensity = 1) {
  const started: FakeUnit[] = [];
  const events: UnitEvent[] = [];
  const slots = new SlotGroup<FakeUnit>({
    units,
    limits: { ...defaultRestart.thread, intensity },
    start: (unit, incarnation) => {
      const fake = new FakeUnit(`${unit}#${incarnation}`);
      started.push(fake);
      return fake;
    },
    onEvent: (event) => events.push(event),
  });
  const running = (name: string): FakeUnit => {
    const unit = started.find((unit) => unit.name === name);
    if (!unit) throw new Error(`${name} was not started`);
    return unit;
  };
  return { slots, started, events, running };
}

const crash: Exit = { cause: "crashed", text: "boom" };

async function allReady({ slots, started }: ReturnType<typeof group>): Promise<void> {
  const starting = slots.start();
  for (const unit of started) unit.becomeReady();
  await starting;
}

test("a unit that ends is started again in its slot, as the next incarnation, after its backoff", async () => {
  const them = group(["t1", "t2"]);
  await allReady(them);
  them.running("t1#1").end(crash);
  await vi.advanceTimersByTimeAsync(0);
  expect(them.slots.slots[0]).toMatchObject({ unit: "t1", state: "backoff", incarnation: 1, lastExit: crash });
  await vi.advanceTimersByTimeAsync(300);
  expect(them.slots.slots[0]).toMatchObject({ state: "starting", incarnation: 2 });
  expect(them.events.map((event) => event.type)).toEqual(["ready", "ready", "exited", "backoff"]);
});

test("the whole group is allowed as often as each of its slots together; then it gives up and ends the others", async () => {
  const them = group(["t1", "t2"], 1);
  await allReady(them);
  for (const name of ["t1#1", "t1#2", "t1#3"]) {
    await vi.advanceTimersByTimeAsync(1_000);
    them.running(name).end(crash);
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(them.events.at(-2)).toMatchObject({ type: "gave-up", unit: "t1" });
  expect(them.running("t2#1").killed).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(them.started.length).toBe(4);
});

test("health in between is forgiven", async () => {
  const them = group(["t1"], 1);
  await allReady(them);
  for (const name of ["t1#1", "t1#2", "t1#3"]) {
    await vi.advanceTimersByTimeAsync(1_000);
    them.running(name).becomeReady();
    await vi.advanceTimersByTimeAsync(41_000);
    them.running(name).end(crash);
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(them.slots.slots[0]?.state).toBe("backoff");
});

test("when one unit can't start, the start fails with its error and the others are ended", async () => {
  const them = group(["t1", "t2"]);
  const starting = them.slots.start();
  const error = new Error("no such entry");
  them.running("t2#1").fail(error);
  await expect(starting).rejects.toBe(error);
  expect(them.running("t1#1").killed).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(them.started.length).toBe(2);
});

test("a stop ends each running unit in its own way, forgets restarts that wait, and starts nothing", async () => {
  const them = group(["t1", "t2"]);
  await allReady(them);
  them.running("t1#1").end(crash);
  await vi.advanceTimersByTimeAsync(0);
  const ended: string[] = [];
  await them.slots.stop(async (unit) => {
    ended.push(unit.name);
    unit.end({ cause: "planned", text: "drained" });
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended).toEqual(["t2#1"]);
  expect(them.slots.slots.map((slot) => slot.state)).toEqual(["stopped", "stopped"]);
  expect(them.started.length).toBe(2);
});

/** Ends a unit when the test says so, as a drain does. */
const drained = (unit: FakeUnit): Promise<Exit> => unit.exited;

/** Begins to replace a slot's unit by another, which is not ready yet. */
function startNext(them: ReturnType<typeof group>, slot: string): FakeUnit {
  let fresh: FakeUnit | undefined;
  them.slots.startNext(slot, (unit, incarnation) => {
    fresh = new FakeUnit(`${unit}#${incarnation}`);
    return fresh;
  });
  if (!fresh) throw new Error("the group did not start the replacement");
  return fresh;
}

test("a replacement serves beside the running unit, and takes its slot when it is promoted", async () => {
  const them = group(["t1"]);
  await allReady(them);
  const fresh = startNext(them, "t1");
  fresh.becomeReady();
  await vi.advanceTimersByTimeAsync(0);
  expect(them.slots.slots[0]).toMatchObject({ incarnation: 1, next: { incarnation: 2, ready: true } });
  const gone = them.slots.promote("t1", drained);
  expect(them.slots.slots[0]).toMatchObject({ state: "ready", incarnation: 2, running: fresh, next: undefined });
  them.running("t1#1").end({ cause: "planned", text: "stopped" });
  await gone;
  expect(them.events.map(({ type }) => type)).toEqual(["ready", "ready", "exited"]);
});

test("a replacement that fails is nobody's restart: the running unit goes on", async () => {
  const them = group(["t1"], 0);
  await allReady(them);
  startNext(them, "t1").fail(new Error("no such table"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(them.slots.slots[0]).toMatchObject({ state: "ready", incarnation: 1, next: undefined });
  expect(them.events.at(-1)).toMatchObject({ type: "exited", incarnation: 2, exit: { cause: "not-ready" } });
});

test("the running unit is restarted while its replacement starts, and its incarnations go on from there", async () => {
  const them = group(["t1"], 1);
  await allReady(them);
  const fresh = startNext(them, "t1");
  them.running("t1#1").end(crash);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(them.slots.slots[0]).toMatchObject({ state: "starting", incarnation: 3, next: { incarnation: 2 } });
  const discarded = them.slots.discard("t1", drained);
  fresh.end({ cause: "planned", text: "stopped" });
  await discarded;
  them.running("t1#3").becomeReady();
  await vi.advanceTimersByTimeAsync(0);
  expect(them.slots.slots[0]).toMatchObject({ state: "ready", incarnation: 3 });
});

test("a slot that is added serves and counts for the limit; one that is removed ends and is not restarted", async () => {
  const them = group(["t1"], 1);
  await allReady(them);
  const adding = them.slots.add("t2", (unit, incarnation) => {
    const fake = new FakeUnit(`${unit}#${incarnation}`);
    them.started.push(fake);
    return fake;
  });
  them.running("t2#1").becomeReady();
  await adding;
  expect(them.slots.slots.map(({ unit, state }) => [unit, state])).toEqual([
    ["t1", "ready"],
    ["t2", "ready"],
  ]);
  const removing = them.slots.remove("t1", drained);
  them.running("t1#1").end(crash);
  await removing;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(them.slots.slots.map(({ unit }) => unit)).toEqual(["t2"]);
  expect(them.events.map(({ type }) => type)).toEqual(["ready", "ready", "exited"]);
});

test("a slot whose first unit can't start is not added", async () => {
  const them = group(["t1"], 0);
  await allReady(them);
  const adding = them.slots.add("t2", (unit, incarnation) => {
    const fake = new FakeUnit(`${unit}#${incarnation}`);
    fake.fail(new Error("no such table"));
    return fake;
  });
  await expect(adding).rejects.toThrow("no such table");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(them.slots.slots.map(({ unit, state }) => [unit, state])).toEqual([["t1", "ready"]]);
});

test("a stop waits for a unit that was replaced and is not gone, and ends it once", async () => {
  const them = group(["t1"]);
  await allReady(them);
  startNext(them, "t1").becomeReady();
  await vi.advanceTimersByTimeAsync(0);
  void them.slots.promote("t1", drained);
  const ended: string[] = [];
  let stopped = false;
  const stopping = them.slots
    .stop(async (unit) => {
      ended.push(unit.name);
      unit.kill();
    })
    .then(() => {
      stopped = true;
    });
  await vi.advanceTimersByTimeAsync(60_000);
  expect([ended, stopped]).toEqual([["t1#2"], false]);
  them.running("t1#1").end({ cause: "planned", text: "stopped" });
  await stopping;
});

/** A group of two that the policy has given up, with a unit that is not gone yet when `lingering`. */
async function givenUp({ lingering = false } = {}) {
  const them = group(["t1", "t2"], 0);
  await allReady(them);
  if (lingering) them.running("t2#1").kill = () => {};
  them.running("t1#1").end(crash);
  await vi.advanceTimersByTimeAsync(0);
  return them;
}

test("of a group that was given up, the others' end is put down to that, and a revival starts what has no unit", async () => {
  const them = await givenUp();
  expect(them.slots.slots.map(({ state, lastExit }) => [state, lastExit?.text])).toEqual([
    ["failed", "boom"],
    ["stopped", "ended with the others, as t1 was restarted too often"],
  ]);
  const adding = them.slots.add("t3", (unit, incarnation) => {
    const fake = new FakeUnit(`${unit}#${incarnation}`);
    them.started.push(fake);
    return fake;
  });
  them.running("t3#1").becomeReady();
  await adding;
  await them.slots.revive();
  expect(them.started.map(({ name }) => name)).toEqual(["t1#1", "t2#1", "t3#1", "t1#2", "t2#2"]);
  them.running("t3#1").end(crash);
  await vi.advanceTimersByTimeAsync(0);
  expect(them.events).toContainEqual(expect.objectContaining({ type: "gave-up", unit: "t3" }));
});

test("a stop that comes while a revival waits for the last unit to go starts nothing", async () => {
  const them = await givenUp({ lingering: true });
  const reviving = them.slots.revive();
  const stopping = them.slots.stop(drained);
  them.running("t2#1").end({ cause: "planned", text: "killed" });
  await Promise.all([reviving, stopping]);
  expect(them.started.length).toBe(2);
});

test("a unit's age and its waits do not follow the machine's clock", async () => {
  const them = group(["t1"]);
  await allReady(them);
  vi.setSystemTime(Date.now() + 86_400_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(performance.now() - (them.slots.slots[0]?.since ?? 0)).toBe(1_000);
  them.running("t1#1").end(crash);
  await vi.advanceTimersByTimeAsync(0);
  vi.setSystemTime(0);
  await vi.advanceTimersByTimeAsync(300);
  expect(them.slots.slots[0]).toMatchObject({ state: "starting", incarnation: 2 });
});
