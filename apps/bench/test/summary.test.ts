// Medians, ratios and targets.
import fc from "fast-check";
import { expect, test } from "vitest";
import { spread, summarize, verdicts } from "../src/harness/summary.ts";
import { resultOf } from "./fake-scenario.ts";

const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });

test("the median lies between the smallest and the largest value, with as many values on either side", () => {
  fc.assert(
    fc.property(fc.array(positive, { minLength: 1 }), (values) => {
      const found = spread(values);
      if (!found) throw new Error("no spread of some values");
      expect(found.low).toBe(Math.min(...values));
      expect(found.high).toBe(Math.max(...values));
      const below = values.filter((value) => value < found.median).length;
      const above = values.filter((value) => value > found.median).length;
      expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
    }),
  );
});

test("a ratio above 1 is better, whether more or less of the metric is", () => {
  const more = summarize(resultOf("more", { base: [10], fast: [20] }))[1]?.ratio("value");
  const less = summarize(resultOf("less", { base: [20], fast: [10] }))[1]?.ratio("value");
  expect(more?.median).toBe(2);
  expect(less?.median).toBe(2);
});

test("rounds are compared each in itself: what slows down both halves of one cancels out", () => {
  const disturbed = resultOf("less", { base: [10, 100, 10], other: [20, 200, 20] });
  expect(summarize(disturbed)[1]?.ratio("value")).toEqual({ median: 0.5, low: 0.5, high: 0.5 });
});

test("a contender against itself is 1, and two against each other are inverse", () => {
  fc.assert(
    fc.property(positive, positive, fc.constantFrom("more" as const, "less" as const), (a, b, better) => {
      const [first, second] = summarize(resultOf(better, { a: [a], b: [b] }));
      expect(first?.ratio("value")?.median).toBe(1);
      expect((first?.ratio("value", "b")?.median ?? 0) * (second?.ratio("value", "a")?.median ?? 0)).toBeCloseTo(1);
    }),
  );
});

test("a target is met from its value on, and says nothing about who was not measured", () => {
  const result = resultOf("more", { base: [10, 10], own: [15, 15] });
  const target = { contender: "own", against: "base", metric: "value", atLeast: 1.5 };
  const targets = [target, { ...target, atLeast: 1.6 }, { ...target, against: "absent" }];
  expect(verdicts({ ...result, targets }).map(({ met }) => met)).toEqual([true, false]);
});
