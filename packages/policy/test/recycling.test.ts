// When units that ask to be replaced are: example by example, and what holds for any group.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  defaultRecycling,
  type RecycleDecision,
  type RecycleLimits,
  RecyclePlanner,
  type RecycleReason,
  spreadLimit,
} from "../src/index.ts";

const limits: RecycleLimits = { ...defaultRecycling, minLifetime: 1_000 };

function healthyGroup(slots: readonly string[], changes: Partial<RecycleLimits> = {}): RecyclePlanner {
  const planner = new RecyclePlanner(slots, { ...limits, ...changes }, { random: () => 0 });
  for (const slot of slots) planner.decide({ type: "healthy", slot }, 0);
  return planner;
}

test("units that ask at the same time are replaced one after the other", () => {
  const planner = healthyGroup(["p1", "p2"]);
  expect(planner.decide({ type: "request", slot: "p2", reason: "memory" }, 5_000)).toEqual([
    { action: "recycle", slot: "p2", reason: "memory" },
  ]);
  expect(planner.decide({ type: "request", slot: "p1", reason: "age" }, 5_001)).toEqual([]);
  expect(planner.waiting).toEqual([{ slot: "p1", reason: "age" }]);
  expect(planner.decide({ type: "replaced", slot: "p2" }, 9_000)).toEqual([
    { action: "recycle", slot: "p1", reason: "age" },
  ]);
});

test("nothing is replaced while another unit is down", () => {
  const planner = healthyGroup(["p1", "p2"]);
  planner.decide({ type: "unhealthy", slot: "p2" }, 4_000);
  expect(planner.decide({ type: "request", slot: "p1", reason: "memory" }, 5_000)).toEqual([]);
  expect(planner.decide({ type: "healthy", slot: "p2" }, 6_000)).toEqual([
    { action: "recycle", slot: "p1", reason: "memory" },
  ]);
});

test("a young unit waits until it is old enough, but an operator does not", () => {
  const planner = healthyGroup(["p1"]);
  expect(planner.decide({ type: "request", slot: "p1", reason: "memory" }, 400)).toEqual([
    { action: "wait", until: 1_000 },
  ]);
  expect(planner.decide({ type: "request", slot: "p1", reason: "operator" }, 500)).toEqual([
    { action: "recycle", slot: "p1", reason: "operator" },
  ]);
});

test("after a replacement that failed the unit may ask again, and waits longer each time", () => {
  const planner = healthyGroup(["p1"]);
  for (const until of [6_000, 7_000]) {
    planner.decide({ type: "request", slot: "p1", reason: "memory" }, until - 1_000);
    planner.decide({ type: "failed", slot: "p1" }, until - 1_000);
    expect(planner.decide({ type: "request", slot: "p1", reason: "memory" }, until - 1_000)).toEqual([
      { action: "wait", until },
    ]);
  }
});

test("a unit that died has nothing to ask for any more", () => {
  const planner = healthyGroup(["p1", "p2"]);
  planner.decide({ type: "unhealthy", slot: "p2" }, 2_000);
  planner.decide({ type: "request", slot: "p1", reason: "memory" }, 2_000);
  planner.decide({ type: "unhealthy", slot: "p1" }, 3_000);
  expect(planner.waiting).toEqual([]);
});

test("a pause holds everything, and a resume goes on", () => {
  const planner = healthyGroup(["p1"]);
  planner.decide({ type: "pause" }, 2_000);
  expect(planner.decide({ type: "request", slot: "p1", reason: "age" }, 2_000)).toEqual([]);
  expect(planner.decide({ type: "resume" }, 3_000)).toEqual([{ action: "recycle", slot: "p1", reason: "age" }]);
});

test("late news of a slot that was removed changes nothing, and a new slot is taken in", () => {
  const planner = healthyGroup(["p1", "p2"]);
  planner.decide({ type: "request", slot: "p2", reason: "age" }, 2_000);
  planner.decide({ type: "removed", slot: "p2" }, 2_500);
  planner.decide({ type: "replaced", slot: "p2" }, 3_000);
  planner.decide({ type: "unhealthy", slot: "p3" }, 3_000);
  expect(planner.decide({ type: "request", slot: "p1", reason: "age" }, 3_000)).toEqual([]);
  expect(planner.decide({ type: "healthy", slot: "p3" }, 4_000)).toEqual([
    { action: "recycle", slot: "p1", reason: "age" },
  ]);
});

test("a limit is spread by the jitter either way", () => {
  expect([0, 0.5, 0.999].map((fraction) => spreadLimit(1_000, 0.1, () => fraction))).toEqual([900, 1_000, 1_100]);
});

/** Something that happens to slot `slot` at a time, in a simulated group. */
const happening = fc.record({
  at: fc.integer({ min: 0, max: 60_000 }),
  slot: fc.nat({ max: 4 }),
  what: fc.constantFrom<RecycleReason | "crash">("memory", "age", "connections", "operator", "crash"),
  takes: fc.integer({ min: 0, max: 5_000 }),
  fails: fc.boolean(),
});

test("never more at once than allowed, never below the healthy minimum, never too young, and nobody waits for ever", () => {
  const anyLimits = fc.record({
    surge: fc.integer({ min: 1, max: 2 }),
    unavailable: fc.nat({ max: 1 }),
    minLifetime: fc.nat({ max: 9_000 }),
  });
  fc.assert(
    fc.property(
      fc.array(happening, { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      anyLimits,
      (happenings, size, changes) => {
        const slots = Array.from({ length: size }, (_, i) => `p${i}`);
        const planner = new RecyclePlanner(slots, { ...limits, ...changes }, { random: () => 0.5 });
        const healthySince = new Map<string, number>();
        const replacing = new Set<string>();
        const agenda: { at: number; run: (now: number) => void }[] = [];
        let fate = { takes: 0, fails: false };

        const carryOut = (decisions: readonly RecycleDecision[], now: number): void => {
          for (const decision of decisions) {
            if (decision.action === "wait") {
              expect(decision.until).toBeGreaterThan(now);
              agenda.push({ at: decision.until, run: (now) => carryOut(planner.decide({ type: "tick" }, now), now) });
              continue;
            }
            const { slot, reason } = decision;
            expect(healthySince.size).toBeGreaterThanOrEqual(size - changes.unavailable);
            const since = healthySince.get(slot) ?? Number.NaN;
            expect(now - since).toBeGreaterThanOrEqual(reason === "operator" ? 0 : changes.minLifetime);
            replacing.add(slot);
            expect(replacing.size).toBeLessThanOrEqual(changes.surge);
            const { takes, fails } = fate;
            agenda.push({
              at: now + takes,
              run: (now) => {
                replacing.delete(slot);
                if (!fails) healthySince.set(slot, now);
                carryOut(planner.decide({ type: fails ? "failed" : "replaced", slot }, now), now);
              },
            });
          }
        };
        const healthy = (slot: string, now: number): void => {
          if (!healthySince.has(slot)) healthySince.set(slot, now);
          carryOut(planner.decide({ type: "healthy", slot }, now), now);
        };
        for (const slot of slots) agenda.push({ at: 0, run: (now) => healthy(slot, now) });
        for (const { at, slot: index, what, takes, fails } of happenings) {
          const slot = `p${index % size}`;
          agenda.push({
            at: at + 1,
            run: (now) => {
              fate = { takes, fails };
              if (what !== "crash") return carryOut(planner.decide({ type: "request", slot, reason: what }, now), now);
              healthySince.delete(slot);
              carryOut(planner.decide({ type: "unhealthy", slot }, now), now);
              agenda.push({ at: now + takes, run: (now) => healthy(slot, now) });
            },
          });
        }
        for (let steps = 0; agenda.length > 0; steps++) {
          expect(steps).toBeLessThan(2_000);
          agenda.sort((a, b) => a.at - b.at);
          const next = agenda.shift();
          next?.run(next.at);
        }
        expect(planner.waiting).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});
