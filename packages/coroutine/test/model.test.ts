// Random programs of sleeps, failures, timeouts, races and scopes, against a pure function that says when and how each
// must end.
import { type Co, race, scope, shield, sleep, TimeoutError, timeout } from "@plait/coroutine";
import { simulate } from "@plait/coroutine/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

type Program =
  | { kind: "sleep"; ms: number }
  | { kind: "fail"; ms: number; error: string }
  | { kind: "sequence"; parts: Program[] }
  | { kind: "scope"; parts: Program[]; async: boolean }
  | { kind: "race"; parts: Program[] }
  | { kind: "timeout"; ms: number; part: Program }
  | { kind: "shield"; part: Program };

interface End {
  at: number;
  error: string | undefined;
}

/** Milliseconds with a fraction that no sum of others meets, so that no two events fall on the same instant. */
const time = fc
  .tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 2 ** 30 }))
  .map(([ms, fraction]) => ms + fraction / 2 ** 30);

const { program } = fc.letrec<{ program: Program }>((tie) => {
  const parts = fc.array(tie("program"), { minLength: 1, maxLength: 3 });
  return {
    program: fc.oneof(
      { maxDepth: 4, depthIdentifier: "program" },
      fc.record({ kind: fc.constant("sleep" as const), ms: time }),
      fc.record({ kind: fc.constant("fail" as const), ms: time, error: fc.uuid() }),
      fc.record({ kind: fc.constant("sequence" as const), parts }),
      fc.record({ kind: fc.constant("scope" as const), parts, async: fc.boolean() }),
      fc.record({ kind: fc.constant("race" as const), parts }),
      fc.record({ kind: fc.constant("timeout" as const), ms: time, part: tie("program") }),
      fc.record({ kind: fc.constant("shield" as const), part: tie("program") }),
    ),
  };
});

/** When a program started at `from` ends, if nothing outside it ends it first. */
function model(program: Program, from: number): End {
  switch (program.kind) {
    case "sleep":
      return { at: from + program.ms, error: undefined };
    case "fail":
      return { at: from + program.ms, error: program.error };
    case "shield":
      return model(program.part, from);
    case "sequence": {
      let end: End = { at: from, error: undefined };
      for (const part of program.parts) {
        end = model(part, end.at);
        if (end.error !== undefined) break;
      }
      return end;
    }
    case "scope": {
      const ends = program.parts.map((part) => model(part, from));
      const failures = ends.filter((end) => end.error !== undefined).sort((a, b) => a.at - b.at);
      return failures[0] ?? { at: Math.max(...ends.map((end) => end.at)), error: undefined };
    }
    case "race":
      return program.parts.map((part) => model(part, from)).sort((a, b) => a.at - b.at)[0] as End;
    case "timeout": {
      const end = model(program.part, from);
      return end.at <= from + program.ms ? end : { at: from + program.ms, error: `timeout ${program.ms}` };
    }
  }
}

/** Shields outlive the cancel of what is around them, which the model of their surroundings does not know. */
function hasShield(program: Program): boolean {
  if (program.kind === "shield") return true;
  if ("parts" in program) return program.parts.some(hasShield);
  return "part" in program && hasShield(program.part);
}

class Ledger {
  entered = 0;
  left = 0;
}

function* execute(program: Program, ledger: Ledger): Co<void> {
  ledger.entered++;
  try {
    switch (program.kind) {
      case "sleep":
        yield* sleep(program.ms);
        return;
      case "fail":
        yield* sleep(program.ms);
        throw new Error(program.error);
      case "sequence":
        for (const part of program.parts) yield* execute(part, ledger);
        return;
      case "scope":
        yield* scope(function* (s) {
          for (const part of program.parts) {
            if (program.async) s.spawn(asynchronous, part, ledger);
            else s.spawn(execute, part, ledger);
          }
        });
        return;
      case "race":
        yield* race(program.parts.map((part) => scope(() => execute(part, ledger))));
        return;
      case "timeout":
        yield* timeout(program.ms, () => execute(program.part, ledger));
        return;
      case "shield":
        yield* shield(() => execute(program.part, ledger));
    }
  } finally {
    ledger.left++;
  }
}

async function asynchronous(program: Program, ledger: Ledger): Promise<void> {
  await scope(() => execute(program, ledger));
}

async function observe(program: Program, seed: number): Promise<{ end: End; ledger: Ledger }> {
  const ledger = new Ledger();
  let error: string | undefined;
  const { elapsed } = await simulate(
    function* () {
      try {
        yield* scope(() => execute(program, ledger));
      } catch (caught) {
        error = caught instanceof TimeoutError ? `timeout ${caught.ms}` : (caught as Error).message;
      }
    },
    { seed },
  );
  return { end: { at: elapsed, error }, ledger };
}

describe("random programs", () => {
  it("end when and how the model says, and leave every block they entered", async () => {
    await fc.assert(
      fc.asyncProperty(
        program.filter((one) => !hasShield(one)),
        fc.integer({ min: 1, max: 2 ** 30 }),
        async (program, seed) => {
          const { end, ledger } = await observe(program, seed);
          const expected = model(program, 0);
          expect(end.error).toBe(expected.error);
          expect(end.at).toBeCloseTo(expected.at, 5);
          expect(ledger.left).toBe(ledger.entered);
        },
      ),
      { numRuns: 250 },
    );
  });

  it("leave every block they entered when shields are in the way of cancels", async () => {
    await fc.assert(
      fc.asyncProperty(program, fc.integer({ min: 1, max: 2 ** 30 }), async (program, seed) => {
        const { ledger } = await observe(program, seed);
        expect(ledger.left).toBe(ledger.entered);
      }),
      { numRuns: 150 },
    );
  });
});
