// What changed between two results.
import { expect, test } from "vitest";
import { compareReports, drawChanges } from "../src/harness/compare.ts";
import type { Report, ScenarioResult } from "../src/harness/report.ts";
import { resultOf } from "./fake-scenario.ts";

function reportOf(scenario: ScenarioResult): Report {
  return {
    format: 1,
    date: "2026-01-01T00:00:00.000Z",
    commit: "0000000",
    machine: { processor: "", cores: 2, memoryMb: 0, system: "", pinned: true, load: 0 },
    versions: {},
    settings: { quick: false, rounds: 3, ms: 1000 },
    seconds: 1,
    benchmarks: [{ name: "fakes", what: "nothing", scenarios: [scenario] }],
  };
}

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
