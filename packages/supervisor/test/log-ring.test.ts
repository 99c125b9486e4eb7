// The log in memory: bounded, in order, and read page by page without a gap or a repetition.
import fc from "fast-check";
import { expect, test } from "vitest";
import { entryText, levelOf } from "../src/logs/log-entry.ts";
import { type LogQuery, matches, readPage } from "../src/logs/log-query.ts";
import { LogRing } from "../src/logs/log-ring.ts";

const entry = fc.record({
  at: fc.nat(100),
  service: fc.constantFrom("echo", "web"),
  unit: fc.constantFrom(null, "p1", "p1.t1", "p1.t12", "p12"),
  level: fc.constantFrom("debug", "info", "warn", "error"),
  source: fc.constantFrom("stdout", "stderr", "supervisor"),
  text: fc.string({ maxLength: 80 }),
});
const query: fc.Arbitrary<LogQuery> = fc.record(
  {
    unit: fc.constantFrom("p1", "p1.t1", "echo"),
    level: fc.constantFrom("info" as const, "error" as const),
    since: fc.nat(100),
  },
  { requiredKeys: [] },
);

test("what is kept is the latest, within the limit, and pages give each match once and in order", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), fc.integer({ min: 1, max: 4000 }), query, (added, limit, asked) => {
      const ring = new LogRing(limit);
      const all = added.map((each) => ring.add(each));
      const kept = all.slice(ring.oldest - 1);
      const size = kept.reduce((sum, { text }) => sum + 200 + 2 * text.length, 0);
      expect(size <= limit || kept.length <= 1).toBe(true);
      const read: unknown[] = [];
      let page = readPage(ring, asked);
      read.push(...page.entries);
      for (; page.more; read.push(...page.entries)) page = readPage(ring, { ...asked, after: page.next });
      expect(read).toEqual(kept.filter((each) => matches(each, asked)));
      expect(page.next).toBe(ring.latest);
      const last = readPage(ring, { ...asked, last: 3 });
      expect(last.entries).toEqual(kept.filter((each) => matches(each, asked)).slice(-3));
    }),
  );
});

test("a unit is itself and its threads, and a coroutine the lines of its thread that name it", () => {
  const of = (unit: string | null, text = "") =>
    ({ seq: 1, at: 0, service: "echo", unit, level: "info", source: "stdout", text }) as const;
  const asked = (unit: string, one: ReturnType<typeof of>) => matches(one, { unit });
  expect([asked("p1", of("p1")), asked("p1", of("p1.t1")), asked("p1", of("p12"))]).toEqual([true, true, false]);
  expect([asked("p1.t1", of("p1.t12")), asked("echo", of(null)), asked("web", of("p1"))]).toEqual([false, true, false]);
  expect(asked("p1.t1.c9", of("p1.t1", "p1.t1.c91 left, p1.t1.c9 came"))).toBe(true);
  expect(asked("p1.t1.c9", of("p1.t1", "p1.t1.c91 left"))).toBe(false);
  expect(asked("p1.t1.c9", of("p1", "p1.t1.c9 came"))).toBe(false);
});

test.each([
  ["stdout", "plain", "info"],
  ["stderr", "plain", "error"],
  ["stdout", '{"level":"WARN","msg":"a"}', "warn"],
  ["stderr", '{"level":30}', "info"],
  ["stdout", '{"level":60}', "error"],
  ["stdout", '{"level":10}', "debug"],
  ["stderr", '{"level":"constructor"}', "error"],
  ["stdout", '{"level":', "info"],
] as const)("%s %s is %s", (stream, line, level) => {
  expect(levelOf(stream, line)).toBe(level);
});

test("as text, an entry has its time, its unit and a bar", () => {
  const written = { seq: 1, at: 0, service: "echo", unit: "p1", level: "info", source: "stdout", text: "hi" } as const;
  expect(entryText(written)).toBe("1970-01-01T00:00:00.000Z p1 | hi");
  expect(entryText({ ...written, source: "supervisor" })).toBe("1970-01-01T00:00:00.000Z hi");
});
