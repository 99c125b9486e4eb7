// A rollout carried out on a slot group, in virtual time.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { defaultRestart, type Exit, roll, SlotGroup } from "../src/index.ts";
import { FakeUnit } from "./fake-unit.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const limits = { canary: 1, soak: 5_000, surge: 1, unavailable: 0 };
const planned: Exit = { cause: "planned", text: "stopped" };

/**
 * A group of two whose units are ready at once, or when the test says so, and drain for a second, or do what the test has
 * them do instead.
 */
async function serving(freshIsReady = true, insteadOfDraining?: (unit: FakeUnit) => void) {
  const units = new Map<string, FakeUnit>();
  const starting = (kind: string, ready: boolean) => (unit: string, incarnation: number) => {
    const fake = new FakeUnit(`${unit} ${kind}`);
    units.set(`${unit}#${incarnation}`, fake);
    if (ready) fake.becomeReady();
    return fake;
  };
  const group = new SlotGroup<FakeUnit>({
    units: ["p1", "p2"],
    limits: defaultRestart.process,
    start: starting("old", true),
    onEvent: () => {},
  });
  await group.start();
  const alive = () => [...units.values()].filter((unit) => unit.alive).map(({ name }) => name);
  const stop = new AbortController();
  let outcome: unknown;
  const rolled = roll(group, {
    units: ["p1", "p2"],
    limits,
    start: starting("new", freshIsReady),
    end: async (unit) => {
      if (insteadOfDraining) return insteadOfDraining(unit);
      setTimeout(() => unit.end(planned), 1_000);
      await unit.exited;
    },
    signal: stop.signal,
  });
  void rolled.then((result) => {
    outcome = result;
  });
  await vi.advanceTimersByTimeAsync(0);
  const unit = (name: string): FakeUnit => {
    const found = units.get(name);
    if (!found) throw new Error(`${name} was not started`);
    return found;
  };
  return { group, alive, unit, stop, outcome: () => outcome };
}

test("one new unit proves itself beside the old ones, then they are replaced one by one", async () => {
  const { alive, outcome, group } = await serving();
  expect(alive()).toEqual(["p1 old", "p2 old", "p1 new"]);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(alive()).toEqual(["p1 old", "p2 old", "p1 new"]);
  await vi.advanceTimersByTimeAsync(1_002);
  expect(alive()).toEqual(["p2 old", "p1 new", "p2 new"]);
  await vi.advanceTimersByTimeAsync(1_001);
  expect(alive()).toEqual(["p1 new", "p2 new"]);
  expect(outcome()).toEqual({ ok: true });
  expect(group.slots.map(({ incarnation, state }) => [incarnation, state])).toEqual([
    [2, "ready"],
    [2, "ready"],
  ]);
});

test("a new unit that dies while it proves itself leaves every old one, untouched", async () => {
  const { alive, unit, outcome } = await serving();
  await vi.advanceTimersByTimeAsync(3_000);
  unit("p1#2").end({ cause: "crashed", text: "exited with code 1" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(alive()).toEqual(["p1 old", "p2 old"]);
  expect(outcome()).toEqual({ ok: false, reason: "p1: exited with code 1", kept: ["p1", "p2"], replaced: [] });
});

test("a later unit that fails leaves its slot the old one, and the answer says who serves what", async () => {
  const { alive, unit, outcome } = await serving(false);
  unit("p1#2").becomeReady();
  await vi.advanceTimersByTimeAsync(6_100);
  unit("p2#2").end({ cause: "not-ready", text: "was not ready within 100 ms" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(alive()).toEqual(["p2 old", "p1 new"]);
  expect(outcome()).toMatchObject({ ok: false, kept: ["p2"], replaced: ["p1"] });
});

test("an old unit that dies meanwhile is restarted as the old one, and replaced in its turn", async () => {
  const { alive, unit, outcome } = await serving();
  unit("p2#1").end({ cause: "killed", text: "killed by SIGKILL" });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(alive()).toEqual(["p1 old", "p1 new", "p2 old"]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(alive()).toEqual(["p1 new", "p2 new"]);
  expect(outcome()).toEqual({ ok: true });
});

test("the slot of the unit on trial keeps its old one when both die", async () => {
  const { alive, unit, outcome } = await serving();
  unit("p1#1").end({ cause: "killed", text: "killed by SIGKILL" });
  await vi.advanceTimersByTimeAsync(0);
  unit("p1#2").end({ cause: "crashed", text: "exited with code 1" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(alive()).toEqual(["p2 old", "p1 old"]);
  expect(outcome()).toMatchObject({ ok: false, kept: ["p1", "p2"] });
});

test("a stop in the middle ends the new units and leaves the old ones", async () => {
  const { alive, stop, outcome } = await serving();
  stop.abort("the supervisor is being stopped");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(alive()).toEqual(["p1 old", "p2 old"]);
  expect(outcome()).toMatchObject({ ok: false, reason: "the supervisor is being stopped" });
});

test("an old unit that is kept holds up no rollout, outlives its slot, and ends with the group", async () => {
  const kept: FakeUnit[] = [];
  const { group, alive, outcome } = await serving(true, (unit) => {
    kept.push(unit);
    group.keep(unit);
  });
  await vi.advanceTimersByTimeAsync(5_001);
  expect(outcome()).toEqual({ ok: true });
  expect(alive()).toEqual(["p1 old", "p2 old", "p1 new", "p2 new"]);
  expect(group.kept.map(({ slot, incarnation }) => [slot, incarnation])).toEqual([
    ["p1", 1],
    ["p2", 1],
  ]);
  const end = async (unit: FakeUnit) => unit.end(planned);
  await group.remove("p2", end);
  expect(alive()).toEqual(["p1 old", "p2 old", "p1 new"]);
  kept[0]?.end({ cause: "crashed", text: "exited with code 1" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(alive()).toEqual(["p2 old", "p1 new"]);
  expect(group.slots.map(({ unit, state, incarnation }) => [unit, state, incarnation])).toEqual([["p1", "ready", 2]]);
  await group.stop(end);
  expect(alive()).toEqual([]);
});

test("a group that gives up leaves what is kept, and a kill ends that too", async () => {
  const { group, alive, unit } = await serving(true, (old) => group.keep(old));
  await vi.advanceTimersByTimeAsync(5_001);
  group.limits = { ...defaultRestart.process, intensity: 0 };
  unit("p1#2").end({ cause: "crashed", text: "exited with code 1" });
  await vi.advanceTimersByTimeAsync(0);
  expect(alive()).toEqual(["p1 old", "p2 old"]);
  await group.revive();
  expect(group.slots.map(({ incarnation }) => incarnation)).toEqual([3, 3]);
  await group.kill();
  expect(alive()).toEqual([]);
});

test("old units that are given up take no new one with them: it proves itself, and the group is healed", async () => {
  const { group, alive, unit, outcome } = await serving();
  group.limits = { ...defaultRestart.process, intensity: 0 };
  unit("p2#1").end({ cause: "crashed", text: "exited with code 1" });
  await vi.advanceTimersByTimeAsync(4_999);
  expect(alive()).toEqual(["p1 new"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(outcome()).toEqual({ ok: true });
  expect(alive()).toEqual(["p1 new", "p2 new"]);
  group.limits = defaultRestart.process;
  unit("p1#2").end({ cause: "crashed", text: "exited with code 1" });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(alive()).toEqual(["p2 new", "p1 new"]);
});

test("after a failure, what was given up is still revived, by its old way", async () => {
  const { group, alive, unit, outcome } = await serving();
  group.limits = { ...defaultRestart.process, intensity: 0 };
  unit("p2#1").end({ cause: "crashed", text: "exited with code 1" });
  await vi.advanceTimersByTimeAsync(0);
  unit("p1#2").end({ cause: "crashed", text: "exited with code 2" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(outcome()).toMatchObject({ ok: false, reason: "p1: exited with code 2", kept: ["p1", "p2"] });
  expect(alive()).toEqual([]);
  await group.revive();
  expect(alive()).toEqual(["p1 old", "p2 old"]);
});
