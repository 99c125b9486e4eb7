// The bounds of the wait between restarts.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BackoffLimits, defaultBackoff, nextDelay } from "../src/backoff.ts";

const limits: fc.Arbitrary<BackoffLimits> = fc.record({
  initial: fc.integer({ min: 0, max: 5_000 }),
  factor: fc.double({ min: 1, max: 4, noNaN: true }),
  cap: fc.integer({ min: 0, max: 60_000 }),
  resetAfter: fc.integer({ min: 0, max: 120_000 }),
});
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("every wait lies between the shortest one and the cap, and below the bound of its attempt", () => {
  fc.assert(
    fc.property(limits, fc.array(fraction, { minLength: 1, maxLength: 20 }), (limits, fractions) => {
      let previous: number | undefined;
      for (const [i, fraction] of fractions.entries()) {
        previous = nextDelay(limits, previous, () => fraction);
        expect(previous).toBeGreaterThanOrEqual(Math.min(limits.initial, limits.cap));
        expect(previous).toBeLessThanOrEqual(limits.cap);
        // Each wait is rounded to a millisecond, so the bound may be missed by the rounding of the ones before.
        expect(previous).toBeLessThanOrEqual(longestDelay(limits, i + 1) + (2 * limits.factor) ** i);
      }
    }),
  );
});

test("waits grow until they reach the cap and stay there", () => {
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) waits.push(nextDelay(defaultBackoff, waits.at(-1), () => 0.9999));
  expect(waits).toEqual([300, 900, 2700, 8099, 24295, 29997, 29997, 29997]);
});

test("units that die together do not come back together", () => {
  const random = [0.1, 0.5, 0.9];
  const waits = random.map((fraction) => nextDelay(defaultBackoff, undefined, () => fraction));
  expect(new Set(waits).size).toBe(3);
});

test("factor 1 waits the same every time", () => {
  const constant = { ...defaultBackoff, factor: 1 };
  const first = nextDelay(constant, undefined, Math.random);
  expect([first, nextDelay(constant, first, Math.random)]).toEqual([100, 100]);
});

/** The longest that the wait before attempt `attempt` (1, 2, …) can be. */
function longestDelay(limits: BackoffLimits, attempt: number): number {
  return Math.min(limits.cap, Math.round(limits.initial * (2 * limits.factor - 1) ** attempt));
}
