// Parts of the shared counters, claimed and released as threads come and go.
import { mostThreads } from "@plait/config";
import { SharedCounter } from "@plait/net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CounterPlaces, MOST_PLACES } from "../src/counter-places.ts";

test("there is a part for each thread that a process may have, and for its successor", () => {
  expect(MOST_PLACES).toBe(2 * mostThreads);
});

test("no two incarnations share a part, and what one had counted is gone with it", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 60 }), (steps) => {
      const places = new CounterPlaces();
      const alive = new Map<string, { unit: string; incarnation: number; place: number; counter: SharedCounter }>();
      for (const [incarnation, step] of steps.entries()) {
        const unit = `p1.t${step % 3}`;
        const [oldest] = alive.values();
        if (step > 6 && oldest) {
          places.release(oldest.unit, oldest.incarnation);
          alive.delete(`${oldest.unit}#${oldest.incarnation}`);
        } else {
          const place = places.of(unit, incarnation);
          const counter = new SharedCounter(places.memory, place);
          alive.set(`${unit}#${incarnation}`, { unit, incarnation, place, counter });
          expect(counter.add("a")).toBe(alive.size);
        }
        expect(new Set([...alive.values()].map(({ place }) => place)).size).toBe(alive.size);
      }
    }),
  );
});
