// The most restarts that a deployment allows. That no more take place is tested on what restarts: see packages/supervisor.
import { expect, test } from "vitest";
import { defaultRestart, worstCase } from "../src/index.ts";

test("the worst case is a product, step by step", () => {
  expect(worstCase({ processes: 1, threads: 1 }, defaultRestart)).toEqual([
    { tier: "thread", restarts: 120, because: "5 in each of 24 lives of a process" },
    { tier: "process", restarts: 20, because: "5 in each of 4 lives of a service" },
    { tier: "service", restarts: 3, because: "3" },
  ]);
  expect(worstCase({ processes: 2, threads: 2 }, defaultRestart).map((step) => step.restarts)).toEqual([480, 40, 3]);
  expect(worstCase({ processes: 0, threads: 2 }, defaultRestart).map((step) => step.restarts)).toEqual([40, 3]);
  expect(worstCase({ processes: 2, threads: 0 }, defaultRestart).map((step) => step.restarts)).toEqual([40, 3]);
});
