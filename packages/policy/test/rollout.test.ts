// The order of a reload, example by example, and what holds for any.
import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultRollout, Rollout, type RolloutDecision, type RolloutLimits } from "../src/index.ts";

const limits: RolloutLimits = { ...defaultRollout, soak: 1_000 };

test("the canary has to stay up before anything old is touched; then new before old, one by one", () => {
  const rollout = new Rollout(["p1", "p2"], limits);
  expect(rollout.decide({ type: "begin" }, 0)).toEqual([{ action: "start", slot: "p1" }]);
  expect(rollout.decide({ type: "ready", slot: "p1" }, 500)).toEqual([{ action: "wait", until: 1_500 }]);
  expect(rollout.decide({ type: "tick" }, 1_499)).toEqual([{ action: "wait", until: 1_500 }]);
  expect(rollout.decide({ type: "tick" }, 1_500)).toEqual([{ action: "stop", slot: "p1" }]);
  expect(rollout.decide({ type: "gone", slot: "p1" }, 2_000)).toEqual([{ action: "start", slot: "p2" }]);
  expect(rollout.decide({ type: "ready", slot: "p2" }, 2_500)).toEqual([{ action: "stop", slot: "p2" }]);
  expect(rollout.decide({ type: "gone", slot: "p2" }, 3_000)).toEqual([{ action: "done" }]);
  expect(rollout.ended).toBe(true);
});

test("a canary that fails leaves every old unit as it was", () => {
  const rollout = new Rollout(["p1", "p2"], limits);
  rollout.decide({ type: "begin" }, 0);
  rollout.decide({ type: "ready", slot: "p1" }, 500);
  expect(rollout.decide({ type: "failed", slot: "p1", reason: "crashed after 0.7 s" }, 1_200)).toEqual([
    { action: "failed", reason: "p1: crashed after 0.7 s", kept: ["p1", "p2"], replaced: [] },
  ]);
});

test("a later failure leaves what is replaced replaced, and the rest old", () => {
  const rollout = new Rollout(["p1", "p2", "p3"], { ...limits, soak: 0 });
  rollout.decide({ type: "begin" }, 0);
  rollout.decide({ type: "ready", slot: "p1" }, 1);
  rollout.decide({ type: "gone", slot: "p1" }, 2);
  expect(rollout.decide({ type: "failed", slot: "p2", reason: "not ready in 30 s" }, 3)).toEqual([
    { action: "failed", reason: "p2: not ready in 30 s", kept: ["p2", "p3"], replaced: ["p1"] },
  ]);
});

test("an abort discards the new unit whose slot still has its old one", () => {
  const rollout = new Rollout(["p1", "p2"], limits);
  rollout.decide({ type: "begin" }, 0);
  expect(rollout.decide({ type: "abort", reason: "stop asked for" }, 1)).toEqual([
    { action: "discard", slot: "p1" },
    { action: "failed", reason: "stop asked for", kept: ["p1", "p2"], replaced: [] },
  ]);
  expect(rollout.decide({ type: "ready", slot: "p1" }, 2)).toEqual([]);
});

test("a slot that lost its old unit after the canary gets its new one first, and nothing is stopped meanwhile", () => {
  const rollout = new Rollout(["p1", "p2", "p3"], limits);
  rollout.decide({ type: "begin" }, 0);
  rollout.decide({ type: "ready", slot: "p1" }, 0);
  rollout.decide({ type: "gone", slot: "p3" }, 500);
  expect(rollout.decide({ type: "tick" }, 1_000)).toEqual([{ action: "start", slot: "p3" }]);
  expect(rollout.decide({ type: "ready", slot: "p3" }, 1_100)).toEqual([{ action: "stop", slot: "p1" }]);
});

test("limits under which nothing could start before something stops are refused", () => {
  expect(() => new Rollout(["p1"], { ...limits, surge: 0 })).toThrow(RangeError);
  expect(() => new Rollout(["p1", "p2"], { ...limits, canary: 2 })).toThrow(RangeError);
});

/** What a simulated group does: how long things take, and which fail or die, in turn. */
interface Fate {
  readonly startMs: number;
  readonly drainMs: number;
  readonly fails: boolean;
  readonly oldDiesAt: number | null;
  readonly revivesAfter: number;
}
const fate: fc.Arbitrary<Fate> = fc.record({
  startMs: fc.integer({ min: 0, max: 3_000 }),
  drainMs: fc.integer({ min: 0, max: 3_000 }),
  fails: fc.boolean(),
  oldDiesAt: fc.option(fc.integer({ min: 0, max: 8_000 }), { freq: 2 }),
  revivesAfter: fc.integer({ min: 0, max: 2_000 }),
});
const anyLimits: fc.Arbitrary<RolloutLimits> = fc
  .record({
    canary: fc.integer({ min: 0, max: 3 }),
    soak: fc.integer({ min: 0, max: 2_000 }),
    surge: fc.integer({ min: 1, max: 3 }),
    unavailable: fc.integer({ min: 0, max: 2 }),
  })
  .map((limits) => ({ ...limits, canary: Math.min(limits.canary, limits.surge) }));

/** Carries out a rollout in virtual time and checks every decision against a count of its own. */
function simulate(fates: readonly Fate[], limits: RolloutLimits): RolloutDecision {
  const units = fates.map((fate, i) => ({ fate, slot: `p${i}`, old: "serving", fresh: "none", readyAt: 0 }));
  const byId = new Map(units.map((unit) => [unit.slot, unit]));
  const rollout = new Rollout([...byId.keys()], limits);
  const agenda: { at: number; run: (now: number) => void }[] = [];
  let end: RolloutDecision | undefined;

  const carryOut = (decisions: readonly RolloutDecision[], now: number): void => {
    for (const decision of decisions) {
      const unit = "slot" in decision ? byId.get(decision.slot) : undefined;
      if (decision.action === "done" || decision.action === "failed") end = decision;
      if (decision.action === "wait") {
        expect(decision.until).toBeGreaterThan(now);
        agenda.push({ at: decision.until, run: (now) => carryOut(rollout.decide({ type: "tick" }, now), now) });
      }
      if (!unit) continue;
      if (decision.action === "start") {
        expect(unit.fresh).toBe("none");
        unit.fresh = "starting";
        const total = units.filter((u) => u.old !== "gone").length + units.filter((u) => u.fresh !== "none").length;
        expect(total).toBeLessThanOrEqual(fates.length + limits.surge);
        agenda.push({
          at: now + unit.fate.startMs,
          run: (now) => {
            if (unit.fresh !== "starting") return;
            unit.fresh = unit.fate.fails ? "none" : "ready";
            unit.readyAt = now;
            const type = unit.fate.fails ? "failed" : "ready";
            carryOut(rollout.decide({ type, slot: unit.slot, reason: "fate" }, now), now);
          },
        });
      }
      if (decision.action === "stop") {
        const proven = units.filter((u) => u.fresh === "ready" && now - u.readyAt >= limits.soak).length;
        expect(proven).toBeGreaterThanOrEqual(Math.min(limits.canary, fates.length));
        expect(unit.old).toBe("serving");
        unit.old = "draining";
        const available =
          units.filter((u) => u.old === "serving").length + units.filter((u) => u.fresh === "ready").length;
        expect(available).toBeGreaterThanOrEqual(fates.length - limits.unavailable);
        agenda.push({ at: now + unit.fate.drainMs, run: (now) => gone(unit, now) });
      }
      if (decision.action === "discard") {
        expect([unit.old, unit.fresh === "none"]).toEqual(["serving", false]);
        unit.fresh = "none";
      }
    }
  };
  const gone = (unit: (typeof units)[number], now: number): void => {
    unit.old = "gone";
    carryOut(rollout.decide({ type: "gone", slot: unit.slot }, now), now);
  };
  for (const unit of units) {
    if (unit.fate.oldDiesAt === null) continue;
    agenda.push({
      at: unit.fate.oldDiesAt,
      run: (now) => {
        if (unit.old !== "serving") return;
        gone(unit, now);
        agenda.push({
          at: now + unit.fate.revivesAfter,
          run: (now) => {
            if (unit.fresh !== "none" || end) return;
            unit.old = "serving";
            carryOut(rollout.decide({ type: "revived", slot: unit.slot }, now), now);
          },
        });
      },
    });
  }
  carryOut(rollout.decide({ type: "begin" }, 0), 0);
  while (agenda.length > 0 && !end) {
    agenda.sort((a, b) => a.at - b.at);
    const next = agenda.shift();
    next?.run(next.at);
  }
  if (!end) throw new Error("the rollout never ended");
  if (end.action === "done") expect(units.every((u) => u.old === "gone" && u.fresh === "ready")).toBe(true);
  if (end.action === "failed") {
    expect([...end.kept, ...end.replaced].sort()).toEqual([...byId.keys()].sort());
    for (const slot of end.kept) expect(byId.get(slot)?.old).not.toBe("draining");
  }
  return end;
}

test("no rollout takes the service below its healthy minimum, exceeds its surge, or stalls", () => {
  fc.assert(
    fc.property(fc.array(fate, { minLength: 1, maxLength: 6 }), anyLimits, (fates, limits) => {
      const end = simulate(fates, limits);
      if (fates.every((fate) => !fate.fails)) expect(end.action).toBe("done");
    }),
    { numRuns: 500 },
  );
});
