// From a thread's crash to the exit code, and the most restarts that lie in between.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  defaultRestart,
  Escalation,
  type EscalationDecision,
  exitCodes,
  type RestartLimits,
  worstCase,
} from "../src/index.ts";

type Limits = { readonly [tier in "thread" | "process" | "service"]: RestartLimits };

function intensities(thread: number, process: number, service: number): Limits {
  return {
    thread: { ...defaultRestart.thread, intensity: thread },
    process: { ...defaultRestart.process, intensity: process },
    service: { ...defaultRestart.service, intensity: service },
  };
}

/**
 * Runs one service whose units never become healthy, in virtual time. `pick` says which of the running units crashes next.
 * Returns how often each tier was restarted, lowest first, and how it ended.
 */
function crashLoop(processes: number, threads: number, limits: Limits, pick: (units: readonly string[]) => string) {
  const tiers = [
    { limits: limits.service, slots: 1 },
    { limits: limits.process, slots: processes },
    { limits: limits.thread, slots: threads },
  ];
  const chain = new Escalation(tiers, { random: () => 0.5 });
  const running = new Set<string>();
  const restarts = [0, 0, 0];
  let now = 0;
  const start = (unit: string): void => {
    running.add(unit);
    chain.decide({ type: "started", slot: unit }, now);
    const below = [processes, threads, 0][unit.split(".").length - 1] ?? 0;
    for (let i = 1; i <= below; i++) start(`${unit}.${unit.includes(".") ? "t" : "p"}${i}`);
  };
  const stop = (unit: string): void => {
    for (const other of running) if (other === unit || other.startsWith(`${unit}.`)) running.delete(other);
  };
  start("echo");
  for (;;) {
    const unit = pick([...running]);
    stop(unit);
    const decisions: EscalationDecision[] = chain.decide({ type: "exited", slot: unit, reason: "crashed" }, now);
    for (const decision of decisions) {
      if (decision.action === "exit") return { restarts, exit: decision };
      if (decision.action === "fail") stop(decision.unit);
      if (decision.action !== "restart") continue;
      now += decision.delayMs;
      const tier = 3 - decision.unit.split(".").length;
      restarts[tier] = (restarts[tier] ?? 0) + 1;
      start(decision.unit);
    }
  }
}

const deepest = (units: readonly string[]): string =>
  units.reduce((a, b) => (b.split(".").length > a.split(".").length ? b : a));

test("a thread that always crashes costs its process, then the service, then the supervisor: exit code 70", () => {
  const { restarts, exit } = crashLoop(1, 1, defaultRestart, deepest);
  expect(restarts).toEqual([120, 20, 3]);
  expect(exit.code).toBe(exitCodes.gaveUp);
  expect(exit.reason).toContain("escalated: restarted 5 times without 60 s of health");
});

test("the worst case is that product, step by step", () => {
  expect(worstCase({ processes: 1, threads: 1 }, defaultRestart)).toEqual([
    { tier: "thread", restarts: 120, because: "5 in each of 24 lives of a process" },
    { tier: "process", restarts: 20, because: "5 in each of 4 lives of a service" },
    { tier: "service", restarts: 3, because: "3" },
  ]);
  expect(worstCase({ processes: 2, threads: 2 }, defaultRestart).map((step) => step.restarts)).toEqual([480, 40, 3]);
  expect(worstCase({ processes: 0, threads: 2 }, defaultRestart).map((step) => step.restarts)).toEqual([40, 3]);
  expect(worstCase({ processes: 2, threads: 0 }, defaultRestart).map((step) => step.restarts)).toEqual([40, 3]);
});

test("whichever units crash, in whatever order, no tier is restarted more often than the worst case says", () => {
  const size = fc.integer({ min: 1, max: 3 });
  const intensity = fc.integer({ min: 0, max: 2 });
  fc.assert(
    fc.property(
      size,
      size,
      intensity,
      intensity,
      intensity,
      fc.infiniteStream(fc.nat()),
      (p, t, thread, process, service, picks) => {
        const limits = intensities(thread, process, service);
        const pick = (units: readonly string[]): string =>
          units[(picks.next().value ?? 0) % units.length] ?? deepest(units);
        const { restarts } = crashLoop(p, t, limits, pick);
        const most = worstCase({ processes: p, threads: t }, limits).map((step) => step.restarts);
        for (const [tier, count] of restarts.entries()) expect(count).toBeLessThanOrEqual(most[tier] ?? 0);
      },
    ),
  );
});

test("what is left down stays down, and nothing is escalated", () => {
  const chain = new Escalation([{ limits: { ...defaultRestart.service, when: "never" }, slots: 1 }]);
  expect(chain.decide({ type: "exited", slot: "echo", reason: "crashed" }, 0)).toEqual([
    { action: "leave", unit: "echo" },
  ]);
  expect(() => chain.decide({ type: "started", slot: "echo.p1" }, 0)).toThrow(RangeError);
});
