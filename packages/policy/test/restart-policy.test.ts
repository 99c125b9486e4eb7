// What the restart policy decides, example by example.
import { expect, test } from "vitest";
import { defaultRestart, type ExitCause, type RestartLimits, RestartPolicy } from "../src/index.ts";

const limits: RestartLimits = { ...defaultRestart.thread, intensity: 2, period: 10_000 };
const half = { random: () => 0.5 };

function crashes(policy: RestartPolicy, slot: string, at: number, reason: ExitCause = "crashed") {
  policy.decide({ type: "started", slot }, at);
  policy.decide({ type: "healthy", slot }, at);
  return policy.decide({ type: "exited", slot, reason }, at);
}

test("a unit that crashes is restarted after a growing wait, with its attempt counted", () => {
  const policy = new RestartPolicy(limits, half);
  expect(crashes(policy, "p1.t1", 0)).toEqual({ action: "restart", slot: "p1.t1", delayMs: 200, attempt: 1 });
  expect(crashes(policy, "p1.t1", 200)).toEqual({ action: "restart", slot: "p1.t1", delayMs: 350, attempt: 2 });
});

test("one restart too many within the period escalates, and says why in a sentence", () => {
  const policy = new RestartPolicy(limits, half);
  crashes(policy, "p1.t1", 0);
  crashes(policy, "p1.t2", 1_000);
  policy.decide({ type: "started", slot: "p1.t1" }, 2_000);
  const decision = policy.decide(
    { type: "exited", slot: "p1.t1", reason: "out-of-heap", detail: "limit 64 MB" },
    2_000,
  );
  expect(decision).toEqual({
    action: "escalate",
    slot: "p1.t1",
    restarts: 2,
    reason: "restarted 2 times without 10 s of health in between (allowed: 2); last, p1.t1 out-of-heap: limit 64 MB",
  });
});

test("after it escalated, a policy decides nothing more", () => {
  const policy = new RestartPolicy({ ...limits, intensity: 0 }, half);
  expect(crashes(policy, "p1", 0).action).toBe("escalate");
  expect(policy.escalated).toBe(true);
  expect(crashes(policy, "p2", 1).action).toBe("none");
});

test("a unit that never becomes healthy is given up however slowly it fails", () => {
  const policy = new RestartPolicy(limits, half);
  const actions = [0, 1, 2].map((hour) => {
    policy.decide({ type: "started", slot: "p1" }, hour * 3_600_000);
    return policy.decide({ type: "exited", slot: "p1", reason: "not-ready" }, hour * 3_600_000 + 30_000).action;
  });
  expect(actions).toEqual(["restart", "restart", "escalate"]);
});

test("lasting health starts the waits from the beginning, and clears the record", () => {
  const policy = new RestartPolicy(limits, half);
  crashes(policy, "p1", 0);
  crashes(policy, "p1", 500);
  policy.decide({ type: "started", slot: "p1" }, 1_000);
  policy.decide({ type: "healthy", slot: "p1" }, 2_000);
  expect(policy.restarts(12_000)).toBe(2);
  expect(policy.restarts(12_001)).toBe(0);
  const decision = policy.decide({ type: "exited", slot: "p1", reason: "crashed" }, 62_000);
  expect(decision).toMatchObject({ delayMs: 200, attempt: 1 });
});

test("an end that was asked for is neither counted nor restarted, and does not clear the record", () => {
  const policy = new RestartPolicy(limits, half);
  crashes(policy, "p1", 0);
  expect(crashes(policy, "p1", 100, "planned")).toEqual({ action: "leave", slot: "p1" });
  expect(crashes(policy, "p1", 200, "operator")).toEqual({ action: "leave", slot: "p1" });
  expect(policy.restarts(200)).toBe(1);
});

test.each([
  ["always", "finished", "restart"],
  ["always", "crashed", "restart"],
  ["on-failure", "finished", "leave"],
  ["on-failure", "hung", "restart"],
  ["never", "crashed", "leave"],
] as const)("with `when: %s`, a unit that %s leads to %s", (when, reason, action) => {
  expect(crashes(new RestartPolicy({ ...limits, when }, half), "p1", 0, reason).action).toBe(action);
});

test("the second report of the same death is ignored", () => {
  const policy = new RestartPolicy(limits, half);
  crashes(policy, "p1", 0);
  expect(policy.decide({ type: "exited", slot: "p1", reason: "killed" }, 1).action).toBe("none");
  expect(policy.restarts(1)).toBe(1);
});

test("a slot removed while it waits is down, and its restarts are forgotten with time", () => {
  const policy = new RestartPolicy(limits, half);
  crashes(policy, "p3", 0);
  policy.decide({ type: "removed", slot: "p3" }, 100);
  expect([policy.restarts(10_100), policy.restarts(10_101)]).toEqual([1, 0]);
});
