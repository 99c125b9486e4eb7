// What changed between two results.
import { expect, test } from "vitest";
import { compareReports, drawChanges } from "../src/harness/compare.ts";
import { reportOf, resultOf } from "./fake-scenario.ts";

test("a change is clear when the spreads don't touch", () => {
  const before = reportOf(resultOf("less", { a: [10, 11, 12], b: [10, 11, 12], gone: [1] }));
  const after = reportOf(resultOf("less", { a: [5, 5.5, 6], b: [9, 11, 13], fresh: [1] }));
  const changes = compareReports(before, after);
  expect(changes.map(({ contender, ratio, clear }) => ({ contender, ratio, clear }))).toEqual([
    { contender: "a", ratio: 2, clear: true },
    { contender: "b", ratio: 1, clear: false },
  ]);
  const [, better, chance] = drawChanges(changes).split("\n");
  expect(better).toMatch(/better$/);
  expect(chance).toMatch(/within the spread$/);
});

test("less of what there should be more of is worse", () => {
  const [change] = compareReports(reportOf(resultOf("more", { a: [10] })), reportOf(resultOf("more", { a: [5] })));
  expect(change).toMatchObject({ ratio: 0.5, clear: true });
});
