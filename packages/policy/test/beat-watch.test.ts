import fc from "fast-check";
import { expect, test } from "vitest";
import { BeatWatch, lookEvery } from "../src/beat-watch.ts";

const limits = { report: 2000, kill: 15_000 };
const every = lookEvery(limits);

/** Looks at a beat every `every` ms from `from` to `to`; what was found, with the time of the look. */
function look(watch: BeatWatch, beat: (now: number) => number, from: number, to: number) {
  const found: [string, number][] = [];
  for (let now = from + every; now <= to; now += every) {
    const finding = watch.look(beat(now), now);
    if (finding) found.push([finding.type, now]);
  }
  return found;
}

test("a thread that beats is never found", () => {
  expect(look(new BeatWatch(limits, 0, 0), (now) => now, 0, 60_000)).toEqual([]);
});

test("a thread that stops is blocked, then hung, once each", () => {
  const watch = new BeatWatch(limits, 0, 0);
  expect(look(watch, () => 0, 0, 60_000)).toEqual([
    ["blocked", 2000],
    ["hung", 15_000],
  ]);
});

test("a thread that goes on recovers, and can be blocked again", () => {
  const watch = new BeatWatch(limits, 0, 0);
  expect(look(watch, () => 0, 0, 3000).concat(look(watch, () => 1, 3000, 5500))).toEqual([
    ["blocked", 2000],
    ["recovered", 3250],
    ["blocked", 5250],
  ]);
});

test("a limit of 0 is never reached", () => {
  expect(look(new BeatWatch({ report: 0, kill: 15_000 }, 0, 0), () => 0, 0, 20_000)).toEqual([["hung", 15_000]]);
  expect(look(new BeatWatch({ report: 2000, kill: 0 }, 0, 0), () => 0, 0, 60_000)).toEqual([["blocked", 2000]]);
});

test("however late the looks come, a thread that beats in between is never found", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100_000 })), (pauses) => {
      const watch = new BeatWatch(limits, 0, 0);
      let now = 0;
      let count = 0;
      for (const pause of pauses) {
        now += pause;
        expect(watch.look(++count, now)).toBeUndefined();
      }
    }),
  );
});

test("a pause of the whole machine is nobody's fault", () => {
  const watch = new BeatWatch(limits, 0, 0);
  expect(watch.look(0, 3_600_000)).toBeUndefined();
  expect(watch.look(0, 3_600_000 + every)).toBeUndefined();
});
