// Rushes of connections in virtual time.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ArrivalRush } from "../src/arrival-rush.ts";

/** Connections in so many turns, each of which takes some time and then waits. */
function turns(count: number, { busy, idle, step = 1 }: { busy: number; idle: number; step?: number }): boolean[] {
  const rush = new ArrivalRush();
  return Array.from({ length: count }, (_, n) => rush.note({ turn: n * step, now: n * (busy + idle), idle: n * idle }));
}

test("connections turn after turn at a busy loop are a rush, at every eighth turn", () => {
  expect(turns(17, { busy: 1, idle: 0.1 }).flatMap((is, turn) => (is ? [turn] : []))).toEqual([8, 16]);
});

test("they are none when the loop waits for each of them for longer than it is busy", () => {
  expect(turns(100, { busy: 1, idle: 1.1 })).not.toContain(true);
});

test("they are none when a turn without a connection is between them", () => {
  expect(turns(100, { busy: 1, idle: 0, step: 2 })).not.toContain(true);
});

test("several connections of one turn count as one", () => {
  const rush = new ArrivalRush();
  const seen = Array.from({ length: 100 }, (_, now) => rush.note({ turn: 5, now, idle: 0 }));
  expect(seen).not.toContain(true);
});

test("whatever comes, a rush is eight turns in a row with a connection, at least half of whose time is busy", () => {
  const step = fc.record({ turns: fc.integer({ min: 0, max: 2 }), busy: fc.nat(10), idle: fc.nat(10) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const rush = new ArrivalRush();
      const seen: { turn: number; now: number; idle: number }[] = [];
      let [turn, now, idle] = [0, 0, 0];
      for (const one of steps) {
        turn += one.turns;
        now += one.busy + one.idle;
        idle += one.idle;
        const reading = { turn, now, idle };
        if (rush.note(reading)) {
          const first = seen.find((earlier) => earlier.turn === turn - 8);
          const between = seen.filter((earlier) => earlier.turn >= turn - 8 && earlier.turn < turn);
          expect(new Set(between.map((earlier) => earlier.turn)).size).toBe(8);
          expect(first && idle - first.idle).toBeLessThanOrEqual((now - (first?.now ?? 0)) / 2);
        }
        seen.push(reading);
      }
    }),
  );
});
