// Durations, sizes and near names: the small languages of a configuration.
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, formatSize, nearestName, parseDuration, parseSize } from "../src/index.ts";

test.each<[unknown, number | undefined]>([
  [0, 0],
  [1500, 1500],
  ["500ms", 500],
  ["30s", 30_000],
  ["1.5m", 90_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  [-1, undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  ["-1s", undefined],
  ["30", undefined],
  ["30 s", undefined],
  ["1s30", undefined],
  ["", undefined],
  [null, undefined],
])("the duration %j is %s ms", (written, ms) => {
  expect(parseDuration(written)).toBe(ms);
});

test.each<[unknown, number | undefined]>([
  [512, 512],
  ["512MB", 512_000_000],
  ["64MiB", 67_108_864],
  ["1.5GB", 1_500_000_000],
  ["7B", 7],
  ["7", undefined],
  ["7mb", undefined],
  ["-7MB", undefined],
  [{}, undefined],
])("the size %j is %s bytes", (written, bytes) => {
  expect(parseSize(written)).toBe(bytes);
});

test("every whole duration survives being written and read", () => {
  fc.assert(
    fc.property(fc.nat(), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});

test("a written size is off by less than the digit it shows", () => {
  fc.assert(
    fc.property(fc.nat(), (size) => {
      expect(Math.abs((parseSize(formatSize(size)) ?? 0) - size)).toBeLessThanOrEqual(size * 0.05);
    }),
  );
});

test.each([
  ["proceses", "processes"],
  ["thraeds", "threads"],
  ["Coroutines", "coroutines"],
  ["proc", "processes"],
  ["banana", undefined],
  ["x", undefined],
])("%s probably means %s", (name, meant) => {
  expect(nearestName(name, ["processes", "threads", "coroutines"])).toBe(meant);
});

test("one slip of the finger in a word of some length is always recognised", () => {
  const word = "topology";
  fc.assert(
    fc.property(fc.nat({ max: word.length - 1 }), fc.constantFrom("", "x", "xx"), (at, instead) => {
      const slip = word.slice(0, at) + instead + word.slice(at + 1);
      expect(nearestName(slip, ["topology", "listen", "restart", "stop"])).toBe("topology");
    }),
  );
});
