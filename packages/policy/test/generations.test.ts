// Which old generations go on after a reload, example by example, and what holds for any.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Generations } from "../src/index.ts";

test("without a limit to keep, what is overdue has to end", () => {
  const generations = new Generations<string>(0);
  generations.decide({ type: "took-over", generation: 2 });
  expect(generations.decide({ type: "overdue", unit: "p1#1", generation: 1 })).toEqual([
    { action: "end", unit: "p1#1" },
  ]);
});

test("a further reload ends the oldest generation, and a lower limit those above it", () => {
  const generations = new Generations<string>(2);
  for (let reload = 2; reload <= 3; reload++) {
    expect(generations.decide({ type: "took-over", generation: reload })).toEqual([]);
    const unit = `p1#${reload - 1}`;
    const overdue = { type: "overdue", unit, generation: reload - 1 } as const;
    expect(generations.decide(overdue)).toEqual([{ action: "keep", unit }]);
  }
  expect(generations.decide({ type: "took-over", generation: 4 })).toEqual([{ action: "end", unit: "p1#1" }]);
  expect(generations.decide({ type: "limit", keep: 1 })).toEqual([{ action: "end", unit: "p1#2" }]);
});

test("a reload that only tried takes no generation's place", () => {
  const generations = new Generations<string>(1);
  generations.decide({ type: "took-over", generation: 2 });
  generations.decide({ type: "overdue", unit: "p1#1", generation: 1 });
  expect(generations.current + 1).toBe(3);
  expect([...generations.kept]).toEqual([["p1#1", 1]]);
});

const step = fc.oneof(
  fc.record({ do: fc.constant("reload" as const), overdue: fc.array(fc.boolean(), { maxLength: 4 }) }),
  fc.record({ do: fc.constant("limit" as const), keep: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ do: fc.constant("gone" as const), which: fc.nat(9) }),
  // Of a slot that an earlier reload could not replace.
  fc.record({ do: fc.constant("late" as const), back: fc.integer({ min: 1, max: 6 }) }),
  fc.constant({ do: "close" as const }),
);

test("never more than the allowed number of old generations, none too old, and each unit is ended once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 }), fc.array(step, { maxLength: 40 }), (first, steps) => {
      const generations = new Generations<string>(first);
      // A count of its own.
      const serving = new Map<string, number>();
      let keep = first;
      let current = 1;
      let isClosed = false;
      let name = 0;
      const carryOut = (decisions: ReturnType<typeof generations.decide>) => {
        for (const { action, unit } of decisions) {
          expect(serving.has(unit)).toBe(true);
          if (action === "end") serving.delete(unit);
        }
      };
      const overdue = (generation: number) => {
        const unit = `u${++name}`;
        serving.set(unit, generation);
        const [decision, ...others] = generations.decide({ type: "overdue", unit, generation });
        expect(others).toEqual([]);
        const mayStay = !isClosed && generation < current && current - generation <= keep;
        expect(decision).toEqual({ action: mayStay ? "keep" : "end", unit });
        if (decision) carryOut([decision]);
      };
      for (const step of steps) {
        if (step.do === "reload") {
          current += 1;
          carryOut(generations.decide({ type: "took-over", generation: current }));
          for (const isOverdue of step.overdue) if (isOverdue) overdue(current - 1);
        } else if (step.do === "limit") {
          keep = step.keep;
          carryOut(generations.decide({ type: "limit", keep }));
        } else if (step.do === "late") {
          overdue(Math.max(1, current - step.back));
        } else if (step.do === "close") {
          isClosed = true;
          carryOut(generations.decide({ type: "close" }));
          serving.clear();
        } else {
          const unit = [...serving.keys()][step.which];
          if (unit === undefined) continue;
          serving.delete(unit);
          carryOut(generations.decide({ type: "gone", unit }));
        }
        expect(new Map(generations.kept)).toEqual(serving);
        expect(new Set(serving.values()).size).toBeLessThanOrEqual(keep);
        for (const generation of serving.values()) expect(current - generation).toBeLessThanOrEqual(keep);
      }
    }),
  );
});
