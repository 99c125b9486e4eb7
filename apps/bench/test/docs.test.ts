// Pages that quote numbers, the charts, and the model.
import fc from "fast-check";
import { expect, test } from "vitest";
import { drawChart } from "../src/docs/chart.ts";
import { Figures } from "../src/docs/lookup.ts";
import { machinesFor, memoryMb, messagesPerSecond } from "../src/docs/model.ts";
import { writeQuotes } from "../src/docs/quotes.ts";
import type { ScenarioResult } from "../src/harness/report.ts";
import { reportOf, resultOf } from "./fake-scenario.ts";

const report = reportOf(resultOf("less", { raw: [20, 22, 24], plait: [10, 11, 12] }));

test("a quote is replaced by what the result says, and everything else stays", () => {
  const page =
    "It takes <!-- bench value | fakes fake | plait -->9 ms<!-- /bench -->, <!-- bench ratio | fakes fake | plait | raw -->old<!-- /bench -->.";
  const written = writeQuotes(page, new Figures(report));
  expect(written).toBe(
    "It takes <!-- bench value | fakes fake | plait -->11.0 ms<!-- /bench -->, <!-- bench ratio | fakes fake | plait | raw -->2.00×<!-- /bench -->.",
  );
  expect(writeQuotes(written, new Figures(report))).toBe(written);
});

test("a quote of something that was not measured is an error, not an empty place", () => {
  const page = "<!-- bench value | fakes fake | nobody --><!-- /bench -->";
  expect(() => writeQuotes(page, new Figures(report))).toThrow("the result has no value of nobody in fakes fake");
});

test("the table of targets says which were missed", () => {
  const target = { contender: "plait", against: "raw", metric: "value", atLeast: 1.5 };
  const scenario: ScenarioResult = {
    ...resultOf("less", { raw: [20], plait: [10] }),
    targets: [target, { ...target, atLeast: 3 }],
  };
  const page = writeQuotes("<!-- bench targets --><!-- /bench -->", new Figures(reportOf(scenario)));
  expect(page).toMatch(/1\.50× \| 2\.00× .* met/);
  expect(page).toMatch(/3\.00× \| 2\.00× .* \*\*missed\*\*/);
});

test("a chart has a bar for each contender that was measured, with its value; one contender alone has none", () => {
  const svg = drawChart(resultOf("less", { raw: [20], plait: [10] }));
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  for (const text of ["raw", "plait", "20.0", "10.0", "Shorter is better"]) expect(svg).toContain(text);
  expect(drawChart(resultOf("less", { raw: [20], skipped: [] }))).toBeUndefined();
});

const costs = {
  messageUs: 8,
  connectionUs: 100,
  processMb: 30,
  threadMb: 10,
  baseMb: 50,
  connectionBytes: 5000,
  recoveryMs: 300,
};

test("the model adds up: memory and messages grow with units, and machines carry the load with one of them gone", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 64 }), (processes, threads) => {
      const one = memoryMb(costs, { processes, threads });
      expect(memoryMb(costs, { processes: processes + 1, threads }) - one).toBeCloseTo(30 + 10 * threads);
      expect(memoryMb(costs, { processes, threads }, 2 ** 20) - one).toBeCloseTo(5000);
      const perMachine = messagesPerSecond(costs, threads);
      const load = processes * 1e6;
      expect((machinesFor(load, perMachine, 0.6) - 1) * perMachine).toBeGreaterThanOrEqual(load / 0.6 - 1);
    }),
  );
});
