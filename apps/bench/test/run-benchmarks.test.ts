// Rounds, turns, and contenders that fail, hang or are missing.
import { expect, test } from "vitest";
import type { Contender } from "../src/harness/benchmark.ts";
import { Peer } from "../src/harness/peer.ts";
import { type RunOptions, runBenchmarks } from "../src/harness/run-benchmarks.ts";
import { options, scenarioOf, taking } from "./fake-scenario.ts";

async function run(contenders: readonly Contender[], more: Partial<RunOptions> = {}) {
  const benchmark = { name: "fakes", what: "nothing", scenarios: [scenarioOf(contenders)] };
  const [result] = await runBenchmarks([benchmark], { ...options, ...more });
  const scenario = result?.scenarios[0];
  if (!scenario) throw new Error("no scenario in the result");
  return scenario.contenders;
}

test("each round begins with another contender, so that none always follows the same one", async () => {
  const order: string[] = [];
  await run([taking("a", 1), taking("b", 1), taking("c", 1)], { onMeasure: (step) => order.push(step.contender) });
  expect(order.join("")).toBe("abcbcacab");
});

test("a contender that fails is reported with why, keeps its earlier rounds, and holds nobody up", async () => {
  let asked = 0;
  const failing = taking("failing", () => {
    if (++asked === 2) throw new Error("out of luck");
    return 7;
  });
  const [good, bad] = await run([taking("good", 1), failing]);
  expect(good).toMatchObject({ failed: null, rounds: [{ time: 1 }, { time: 1 }, { time: 1 }] });
  expect(bad).toMatchObject({ failed: "out of luck", skipped: null, rounds: [{ time: 7 }, null, null] });
  expect(asked).toBe(2);
});

test("a contender that never answers fails after the deadline", async () => {
  const hanging: Contender = { name: "hanging", measure: () => new Promise(() => {}) };
  const [bad, good] = await run([hanging, taking("good", 1)], { deadlineMs: 20 });
  expect(bad).toMatchObject({ failed: "no result within 0.02 s", rounds: [null, null, null] });
  expect(good?.rounds).toEqual([{ time: 1 }, { time: 1 }, { time: 1 }]);
});

test("a contender whose program is missing is reported as skipped", async () => {
  const missing = { ...taking("rival", 1), needs: new Peer("Rival", () => undefined) };
  const present = { ...taking("other", 1), needs: new Peer("Other", () => "1.2") };
  const [first, second] = await run([missing, present]);
  expect(first).toMatchObject({ skipped: "Rival is not installed", rounds: [] });
  expect(second).toMatchObject({ skipped: null, rounds: [{ time: 1 }, { time: 1 }, { time: 1 }] });
});

test("a run with only what npm brings does not even look for other programs", async () => {
  let looked = false;
  const peer = new Peer("Rival", () => {
    looked = true;
    return "1";
  });
  const [rival] = await run([{ ...taking("rival", 1), needs: peer }], { nodeOnly: true });
  expect(rival?.skipped).toMatch(/only what npm brings/);
  expect(looked).toBe(false);
});

test("progress counts every measurement once, and says how many there are", async () => {
  const steps: string[] = [];
  await run([taking("a", 1), taking("b", 1)], { onMeasure: ({ done, total }) => steps.push(`${done}/${total}`) });
  expect(steps).toEqual(["0/6", "1/6", "2/6", "3/6", "4/6", "5/6"]);
});
