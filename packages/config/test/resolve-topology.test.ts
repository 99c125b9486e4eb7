// What `auto` comes to, and when a topology does not fit.
import fc from "fast-check";
import { expect, test } from "vitest";
import { processFootprint, resolveTopology, threadFootprint } from "../src/resolve-topology.ts";

const GB = 1e9;
function machine(cores: number, memory = 64 * GB) {
  return { cores: [{ source: "affinity", value: cores }], memory: [{ source: "machine", value: memory }] };
}
function resolved(processes: number | "auto", threads: number | "auto", cores: number, memory?: number) {
  const topology = resolveTopology({ processes, threads, coroutines: 100 }, machine(cores, memory));
  return [topology.processes, topology.threads];
}

test.each<[number | "auto", number | "auto", number, number[]]>([
  ["auto", "auto", 0.5, [1, 1]],
  ["auto", "auto", 1, [1, 1]],
  ["auto", "auto", 1.5, [2, 1]],
  ["auto", "auto", 4, [2, 2]],
  ["auto", "auto", 64, [8, 8]],
  ["auto", 0, 4, [4, 0]],
  ["auto", 4, 10, [3, 4]],
  [0, "auto", 4, [0, 4]],
  [3, "auto", 4, [3, 2]],
  [1, "auto", 1024, [1, 512]],
  [0, 0, 4, [0, 0]],
  [7, 9, 1, [7, 9]],
])("%s × %s on %s cores is %s", (processes, threads, cores, expected) => {
  expect(resolved(processes, threads, cores)).toEqual(expected);
});

test("auto takes fewer units where memory is short", () => {
  expect(resolved("auto", "auto", 8, 128e6)).toEqual([1, 5]);
  expect(resolved("auto", "auto", 8, 64e6)).toEqual([1, 1]);
});

test("the arithmetic is data", () => {
  const { steps } = resolveTopology({ processes: 2, threads: "auto", coroutines: 100 }, machine(4, 4 * GB));
  expect(Object.fromEntries(steps.map((step) => [step.what, [step.value, step.because]]))).toEqual({
    cores: [4, "4 (affinity)"],
    memory: [4 * GB, "4GB (machine)"],
    processes: [2, "as configured"],
    threads: [2, "auto: 4 cores shared by the processes"],
    connections: [400, "4 × 100 coroutines, served at once"],
    footprint: [
      3 * processFootprint + 4 * threadFootprint,
      "supervisor and 2 processes of 13.9MB, 4 threads of 6.9MB, idle",
    ],
  });
});

test("a topology that can't fit is refused with its arithmetic", () => {
  expect(() => resolved(2, 100, 4, 512e6)).toThrow(
    "topology asks for 2 processes of 100 threads, which take at least 1.4GB, and there are 512MB (machine); ask for fewer, or give it more memory.",
  );
});

test("whatever the machine, what auto chooses fits, and leaves a core no more than one thread more than its share", () => {
  const cores = fc.double({ min: 0.1, max: 512, noNaN: true });
  const memory = fc.integer({ min: 50e6, max: 1e12 });
  fc.assert(
    fc.property(cores, memory, (cores, memory) => {
      const [processes = 0, threads = 0] = resolved("auto", "auto", cores, memory);
      expect(processes).toBeGreaterThanOrEqual(1);
      expect(threads).toBeGreaterThanOrEqual(1);
      expect(processes * threads).toBeLessThan(Math.ceil(cores) + processes);
      const footprint = (1 + processes) * processFootprint + processes * threads * threadFootprint;
      expect(footprint <= memory / 2 || (processes === 1 && threads === 1)).toBe(true);
    }),
  );
});
