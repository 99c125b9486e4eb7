// The steps of a stop: example by example, what holds for any budget, and how they are carried out.
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import {
  defaultShutdown,
  Shutdown,
  type ShutdownBudget,
  type ShutdownDecision,
  type ShutdownEvent,
  type ShutdownPhase,
  type ShutdownSteps,
  shutDown,
  shutdownPhases,
  shutdownTotal,
} from "../src/index.ts";

test("each step begins when the one before is over, and the last one kills", () => {
  const stop = new Shutdown({ drain: 1_000, cancel: 200, kill: 300 });
  expect(stop.decide({ type: "begin" }, 0)).toEqual([
    { action: "enter", phase: "drain", ms: 1_000 },
    { action: "wait", until: 1_000 },
  ]);
  expect(stop.decide({ type: "tick" }, 1_000)).toEqual([
    { action: "enter", phase: "cancel", ms: 200 },
    { action: "wait", until: 1_200 },
  ]);
  expect(stop.decide({ type: "tick" }, 1_200)).toEqual([
    { action: "enter", phase: "kill", ms: 300 },
    { action: "wait", until: 1_500 },
  ]);
  expect(stop.decide({ type: "tick" }, 1_500)).toEqual([{ action: "kill" }]);
});

test("what has drained may exit, early or late, and is killed if it does not", () => {
  const early = new Shutdown(defaultShutdown);
  early.decide({ type: "begin" }, 0);
  expect(early.decide({ type: "drained" }, 50)).toEqual([
    { action: "enter", phase: "kill", ms: 5_000 },
    { action: "exit" },
    { action: "wait", until: 5_050 },
  ]);
  expect(early.decide({ type: "tick" }, 5_050)).toEqual([{ action: "kill" }]);
  const late = new Shutdown(defaultShutdown);
  late.decide({ type: "begin" }, 0);
  late.decide({ type: "tick" }, 25_000);
  expect(late.decide({ type: "drained" }, 26_000)).toEqual([{ action: "exit" }, { action: "wait", until: 30_000 }]);
});

test("asked again, it cancels at once and takes two seconds at most", () => {
  const stop = new Shutdown(defaultShutdown);
  stop.decide({ type: "begin" }, 0);
  expect(stop.decide({ type: "hurry" }, 3_000)).toEqual([
    { action: "enter", phase: "cancel", ms: 1_000 },
    { action: "wait", until: 4_000 },
  ]);
  stop.decide({ type: "tick" }, 4_000);
  expect(stop.decide({ type: "tick" }, 5_000)).toEqual([{ action: "kill" }]);
});

const ms = fc.integer({ min: 0, max: 3_000 });
const anyBudget: fc.Arbitrary<ShutdownBudget> = fc.record({ drain: ms, cancel: ms, kill: ms });
const moment = fc.option(fc.integer({ min: 0, max: 9_000 }), { freq: 3 });

test("whenever it drains or is hurried: steps come in order, and it is over within the budget", () => {
  fc.assert(
    fc.property(anyBudget, moment, moment, (budget, drainedAt, hurryAt) => {
      const stop = new Shutdown(budget, 500);
      const agenda: { at: number; event: ShutdownEvent }[] = [{ at: 0, event: { type: "begin" } }];
      if (drainedAt !== null) agenda.push({ at: drainedAt + 0.5, event: { type: "drained" } });
      if (hurryAt !== null) agenda.push({ at: hurryAt + 0.25, event: { type: "hurry" } });
      const entered: ShutdownPhase[] = [];
      const seen: { at: number; action: ShutdownDecision["action"] }[] = [];
      for (let next = agenda.shift(); next; next = agenda.sort((a, b) => a.at - b.at).shift()) {
        for (const decision of stop.decide(next.event, next.at)) {
          seen.push({ at: next.at, action: decision.action });
          if (decision.action === "enter") entered.push(decision.phase);
          if (decision.action !== "wait") continue;
          expect(decision.until).toBeGreaterThan(next.at);
          agenda.push({ at: decision.until, event: { type: "tick" } });
        }
      }
      const order = entered.map((phase) => shutdownPhases.indexOf(phase));
      expect(order).toEqual([...new Set(order)].sort());
      const killed = seen.filter(({ action }) => action === "kill");
      expect(killed).toHaveLength(1);
      const total = shutdownTotal({ ...budget, preDrain: 0 });
      const last = hurryAt === null ? total : Math.min(total, hurryAt + 0.25 + 500);
      expect(killed[0]?.at).toBeLessThanOrEqual(last);
      if (hurryAt === null && drainedAt === null) expect(killed[0]?.at).toBe(total);
      const exits = seen.filter(({ action }) => action === "exit");
      expect(exits).toHaveLength(drainedAt !== null && drainedAt + 0.5 <= (killed[0]?.at ?? 0) ? 1 : 0);
    }),
    { numRuns: 500 },
  );
});

afterEach(() => vi.useRealTimers());

/** Carries a stop out in virtual time; returns what was done when, and what ends it. */
function stopping(budget: ShutdownBudget, hurry = new AbortController().signal) {
  vi.useFakeTimers();
  const startedAt = performance.now();
  const did: [string, number][] = [];
  const note = (what: string) => void did.push([what, performance.now() - startedAt]);
  const drained = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const steps: ShutdownSteps = {
    drain: () => {
      note("drain");
      return drained.promise;
    },
    cancel: () => note("cancel"),
    overdue: () => note("overdue"),
    exit: () => note("exit"),
    kill: () => {
      note("kill");
      ended.resolve();
    },
    ended: ended.promise,
  };
  return { did, drained, ended, done: shutDown(steps, { budget, hurry }) };
}

test("what never answers is cancelled, found overdue and killed, each in its time", async () => {
  const { did, done } = stopping({ drain: 2_000, cancel: 300, kill: 400 });
  await vi.advanceTimersByTimeAsync(2_700);
  await done;
  expect(did).toEqual([
    ["drain", 0],
    ["cancel", 2_000],
    ["overdue", 2_300],
    ["kill", 2_700],
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a drain without end waits until it is hurried, and a failed one is over", async () => {
  const hurry = new AbortController();
  const { did, done, drained, ended } = stopping({ drain: Infinity, cancel: 5_000, kill: 400 }, hurry.signal);
  await vi.advanceTimersByTimeAsync(2 ** 32);
  expect(did).toEqual([["drain", 0]]);
  hurry.abort();
  drained.reject(new Error("gone"));
  await vi.advanceTimersByTimeAsync(10);
  ended.resolve();
  await done;
  expect(did.map(([what]) => what)).toEqual(["drain", "cancel", "exit"]);
  expect(vi.getTimerCount()).toBe(0);
});
