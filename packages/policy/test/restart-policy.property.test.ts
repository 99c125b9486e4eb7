// What holds for the restart policy whatever happens: random lives of random units under a virtual clock.
import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultBackoff, defaultRestart, type RestartLimits, RestartPolicy } from "../src/index.ts";
import { otpVerdicts } from "./otp-intensity.ts";

/** One life of a unit: its slot, how long it starts, and how long it is healthy (`null`: never). */
interface Life {
  readonly slot: string;
  readonly starting: number;
  readonly healthy: number | null;
}
const life: fc.Arbitrary<Life> = fc.record({
  slot: fc.constantFrom<string[]>("t1", "t2", "t3"),
  starting: fc.integer({ min: 0, max: 3_000 }),
  healthy: fc.option(fc.integer({ min: 0, max: 20_000 }), { freq: 3 }),
});
const intensity = fc.integer({ min: 0, max: 6 });
const period = fc.integer({ min: 1, max: 30_000 });

interface Run {
  /** When restarts were decided, and when they took place. */
  readonly decided: number[];
  readonly restarted: number[];
  readonly escalatedAt: number | undefined;
}

/** Plays lives one after another in each slot, all slots at once, in the order in which things happen. */
function play(limits: RestartLimits, lives: readonly Life[], seed: number): Run {
  let fraction = seed;
  const policy = new RestartPolicy(limits, {
    random: () => {
      fraction = (fraction * 16_807) % 2_147_483_647;
      return fraction / 2_147_483_647;
    },
  });
  const queues = Map.groupBy(lives, (life) => life.slot);
  const agenda: { at: number; run: () => void }[] = [];
  const decided: number[] = [];
  const restarted: number[] = [];
  let escalatedAt: number | undefined;
  const start = (slot: string, at: number): void => {
    const life = queues.get(slot)?.shift();
    if (!life) return;
    policy.decide({ type: "started", slot }, at);
    const healthyAt = at + life.starting;
    if (life.healthy !== null) {
      agenda.push({ at: healthyAt, run: () => policy.decide({ type: "healthy", slot }, healthyAt) });
    }
    const exitAt = healthyAt + (life.healthy ?? 0);
    agenda.push({
      at: exitAt,
      run: () => {
        const decision = policy.decide({ type: "exited", slot, reason: "crashed" }, exitAt);
        if (decision.action === "escalate") escalatedAt = exitAt;
        if (decision.action !== "restart") return;
        decided.push(exitAt);
        const again = exitAt + decision.delayMs;
        restarted.push(again);
        agenda.push({ at: again, run: () => start(slot, again) });
      },
    });
  };
  for (const slot of queues.keys()) start(slot, 0);
  while (agenda.length > 0 && escalatedAt === undefined) {
    agenda.sort((a, b) => a.at - b.at);
    agenda.shift()?.run();
  }
  return { decided, restarted, escalatedAt };
}

function mostInAnyWindow(times: readonly number[], period: number): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at - from <= period).length));
}

test("with immediate health and no backoff it is an OTP supervisor", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 40 }),
      intensity,
      period,
      (gaps, intensity, period) => {
        const policy = new RestartPolicy({
          ...defaultRestart.thread,
          intensity,
          period,
          backoff: { ...defaultBackoff, initial: 0, cap: 0 },
        });
        const exits: number[] = [];
        for (const gap of gaps) exits.push((exits.at(-1) ?? 0) + gap);
        const verdicts: boolean[] = [];
        policy.decide({ type: "started", slot: "t1" }, 0);
        policy.decide({ type: "healthy", slot: "t1" }, 0);
        for (const now of exits) {
          const { action } = policy.decide({ type: "exited", slot: "t1", reason: "crashed" }, now);
          verdicts.push(action === "restart");
          if (action !== "restart") break;
          policy.decide({ type: "started", slot: "t1" }, now);
          policy.decide({ type: "healthy", slot: "t1" }, now);
        }
        expect(verdicts).toEqual(otpVerdicts(exits, intensity, period));
      },
    ),
  );
});

test("no window of the period holds more restarts than allowed, neither decided nor carried out", () => {
  fc.assert(
    fc.property(
      fc.array(life, { maxLength: 60 }),
      intensity,
      period,
      fc.integer({ min: 1, max: 2e9 }),
      (lives, intensity, period, seed) => {
        const run = play({ ...defaultRestart.thread, intensity, period }, lives, seed);
        expect(mostInAnyWindow(run.decided, period)).toBeLessThanOrEqual(intensity);
        expect(mostInAnyWindow(run.restarted, period)).toBeLessThanOrEqual(intensity);
      },
    ),
  );
});

test("a group that is never healthy is given up after exactly the allowed restarts", () => {
  fc.assert(
    fc.property(
      fc.array(
        life.map((life) => ({ ...life, healthy: null })),
        { minLength: 40, maxLength: 60 },
      ),
      intensity,
      period,
      fc.integer({ min: 1, max: 2e9 }),
      (lives, intensity, period, seed) => {
        const run = play({ ...defaultRestart.thread, intensity, period }, lives, seed);
        expect(run.decided.length).toBe(intensity);
        expect(run.escalatedAt).toBeDefined();
      },
    ),
  );
});
