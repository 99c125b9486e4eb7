// The steps of a stop: example by example, and what holds for any budget.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  defaultShutdown,
  type Overrun,
  remainingShutdown,
  Shutdown,
  type ShutdownBudget,
  type ShutdownDecision,
  type ShutdownPhase,
  shutdownPhases,
  shutdownTotal,
  splitShutdown,
} from "../src/index.ts";

test("each step begins when the one before is over, and the last one kills what is left", () => {
  const stop = new Shutdown(["p1", "p2"], { preDrain: 100, drain: 1_000, cancel: 200, kill: 300 });
  const units = ["p1", "p2"];
  expect(stop.decide({ type: "begin" }, 0)).toEqual([
    { action: "enter", phase: "preDrain", units, until: 100 },
    { action: "wait", until: 100 },
  ]);
  expect(stop.decide({ type: "tick" }, 100)).toEqual([
    { action: "enter", phase: "drain", units, until: 1_100 },
    { action: "wait", until: 600 },
  ]);
  expect(stop.decide({ type: "tick" }, 600)).toEqual([
    { action: "report", fraction: 0.5, units },
    { action: "wait", until: 1_000 },
  ]);
  expect(stop.decide({ type: "exited", unit: "p1" }, 700)).toEqual([{ action: "wait", until: 1_000 }]);
  expect(stop.decide({ type: "tick" }, 1_100)).toEqual([
    { action: "enter", phase: "cancel", units: ["p2"], until: 1_300 },
    { action: "wait", until: 1_300 },
  ]);
  expect(stop.decide({ type: "tick" }, 1_300)).toEqual([
    { action: "enter", phase: "kill", units: ["p2"], until: 1_600 },
    { action: "wait", until: 1_600 },
  ]);
  expect(stop.decide({ type: "tick" }, 1_600)).toEqual([{ action: "kill", units: ["p2"] }]);
  const overran = ["drain", "cancel", "kill"].map((phase) => ({ unit: "p2", phase }));
  expect(stop.decide({ type: "exited", unit: "p2" }, 1_601)).toEqual([{ action: "done", overran }]);
});

test("a group that is empty is done at once, and one that drains is done early", () => {
  expect(new Shutdown([], defaultShutdown).decide({ type: "begin" }, 0)).toEqual([{ action: "done", overran: [] }]);
  const stop = new Shutdown(["p1"], defaultShutdown);
  stop.decide({ type: "begin" }, 0);
  expect(stop.decide({ type: "exited", unit: "p1" }, 50)).toEqual([{ action: "done", overran: [] }]);
});

test("asked again, it cancels at once and takes two seconds at most", () => {
  const stop = new Shutdown(["p1"], defaultShutdown);
  stop.decide({ type: "begin" }, 0);
  expect(stop.decide({ type: "hurry" }, 3_000)).toEqual([
    { action: "enter", phase: "cancel", units: ["p1"], until: 4_000 },
    { action: "wait", until: 4_000 },
  ]);
  stop.decide({ type: "tick" }, 4_000);
  expect(stop.decide({ type: "tick" }, 5_000)).toEqual([{ action: "kill", units: ["p1"] }]);
});

test("a total is split by thirds and sixths, and what is left of a budget loses its first steps first", () => {
  expect(splitShutdown(30_000)).toEqual(defaultShutdown);
  expect(splitShutdown(30_000, 5_000)).toEqual({ preDrain: 5_000, drain: 16_668, cancel: 4_166, kill: 4_166 });
  expect(remainingShutdown(defaultShutdown, 22_000)).toEqual({ preDrain: 0, drain: 0, cancel: 3_000, kill: 5_000 });
});

const ms = fc.integer({ min: 0, max: 3_000 });
const anyBudget: fc.Arbitrary<ShutdownBudget> = fc.record({ preDrain: ms, drain: ms, cancel: ms, kill: ms });

test("splitting and what remains add up to the whole", () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), fc.nat({ max: 1e6 }), anyBudget, (total, preDrain, budget) => {
      expect(shutdownTotal(splitShutdown(total, preDrain))).toBe(total);
      expect(shutdownTotal(remainingShutdown(budget, preDrain))).toBe(Math.max(0, shutdownTotal(budget) - preDrain));
    }),
  );
});

test("whoever is late: steps come in order, the whole budget is kept, and exactly those who overran are named", () => {
  const exit = fc.option(fc.integer({ min: 0, max: 14_000 }), { freq: 3 });
  fc.assert(
    fc.property(anyBudget, fc.array(exit, { maxLength: 5 }), exit, (budget, exits, hurryAt) => {
      const units = exits.map((_, i) => `p${i}`);
      const stop = new Shutdown(units, budget, { hurry: 500 });
      const alive = new Set(units);
      const agenda: { at: number; run: (now: number) => ShutdownDecision[] }[] = [];
      const entered: ShutdownPhase[] = [];
      const expected: Overrun[] = [];
      let deadline = shutdownTotal(budget);
      let end: Extract<ShutdownDecision, { action: "done" }> | undefined;
      const leave = (unit: string) => () => {
        alive.delete(unit);
        return stop.decide({ type: "exited", unit }, now);
      };
      let now = 0;
      agenda.push({ at: 0, run: (now) => stop.decide({ type: "begin" }, now) });
      for (const [i, at] of exits.entries()) if (at !== null) agenda.push({ at: at + 0.5, run: leave(`p${i}`) });
      if (hurryAt !== null) {
        agenda.push({
          at: hurryAt + 0.25,
          run: (now) => {
            if (stop.phase !== "killed") deadline = Math.min(deadline, now + 500);
            return stop.decide({ type: "hurry" }, now);
          },
        });
      }
      while (agenda.length > 0 && !end) {
        agenda.sort((a, b) => a.at - b.at);
        const next = agenda.shift();
        if (!next) break;
        now = next.at;
        for (const decision of next.run(now)) {
          if (decision.action === "enter") {
            entered.push(decision.phase);
            expect(decision.units).toEqual([...alive]);
          }
          if (decision.action === "wait") {
            expect(decision.until).toBeGreaterThan(now);
            agenda.push({ at: decision.until, run: (now) => stop.decide({ type: "tick" }, now) });
          }
          if (decision.action === "kill") {
            expect(now).toBeLessThanOrEqual(deadline);
            for (const unit of decision.units) agenda.push({ at: now + 0.5, run: leave(unit) });
          }
          if (decision.action === "done") end = decision;
        }
      }
      expect(end).toBeDefined();
      expect(alive.size).toBe(0);
      const order = entered.map((phase) => shutdownPhases.indexOf(phase));
      expect(order).toEqual([...order].sort((a, b) => a - b));
      if (hurryAt !== null) return;
      let ends = budget.preDrain;
      for (const phase of ["drain", "cancel", "kill"] as const) {
        ends += budget[phase];
        for (const [i, at] of exits.entries()) {
          if (budget[phase] > 0 && (at === null || at + 0.5 > ends)) expected.push({ unit: `p${i}`, phase });
        }
      }
      expect(end?.overran).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
