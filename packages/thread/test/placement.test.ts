import fc from "fast-check";
import { expect, test } from "vitest";
import { byPeer, type Candidate, leastConnections, type Placement, powerOfTwo, roundRobin } from "../src/placement.ts";

const group = (loads: readonly number[]): Candidate[] =>
  loads.map((connections, index) => ({ unit: `p1.t${index + 1}`, connections }));
const loads = fc.array(fc.nat(50), { minLength: 1, maxLength: 8 });
const peers = Array.from({ length: 2000 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);

/** Connections of each thread after so many that all stay. */
function placed(placement: Placement, threads: number, count: number): number[] {
  const counts = new Array<number>(threads).fill(0);
  for (let n = 0; n < count; n++) {
    const { unit = "" } = placement(group(counts), peers[n]) ?? {};
    const index = Number(unit.slice(4)) - 1;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

test.each([
  ["fewest connections", () => leastConnections],
  ["power of two", () => powerOfTwo()],
  ["round robin", () => roundRobin()],
  ["by peer", () => byPeer],
] as const)("%s picks one of the candidates, whatever they are", (_, make) => {
  const placement = make();
  fc.assert(
    fc.property(loads, fc.option(fc.string(), { nil: undefined }), (each, peer) => {
      const candidates = group(each);
      expect(candidates).toContain(placement(candidates, peer));
    }),
  );
});

test("fewest connections and round robin are exactly even", () => {
  expect(placed(leastConnections, 4, 400)).toEqual([100, 100, 100, 100]);
  expect(placed(roundRobin(), 4, 400)).toEqual([100, 100, 100, 100]);
});

test("power of two never picks the busiest of three or more", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(50), { minLength: 2, maxLength: 8 }),
      fc.infiniteStream(fc.nat(999)),
      (each, draws) => {
        const random = () => (draws.next().value ?? 0) / 1000;
        expect(powerOfTwo(random)(group(each), undefined)?.connections).toBeLessThan(Math.max(...each));
      },
    ),
  );
});

test("by peer, a client stays on its thread, and only the clients of a thread that goes move", () => {
  const three = group([0, 0, 0]);
  const two = three.slice(0, 2);
  const before = peers.map((peer) => byPeer(three, peer)?.unit);
  const after = peers.map((peer) => byPeer(two, peer)?.unit);
  for (const [index, unit] of before.entries()) if (unit !== "p1.t3") expect(after[index]).toBe(unit);
  for (const { unit } of three) {
    const share = before.filter((each) => each === unit).length / peers.length;
    expect(share).toBeGreaterThan(0.28);
    expect(share).toBeLessThan(0.39);
  }
});
