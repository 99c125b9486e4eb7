// What is measured, and what one measurement says. Each contender is a program of its own: `contender <scenario> <count>`
// prints one line of JSON.

/** One thing to measure. */
export interface Scenario {
  readonly name: string;
  /** Operations of one measurement. */
  readonly count: number;
  readonly unit: "ns" | "bytes";
  readonly what: string;
  /** How much better than a contender Plait is meant to be (DESIGN.md, section 8). */
  readonly target: Readonly<Record<string, number>>;
}

export const scenarios: readonly Scenario[] = [
  {
    name: "switch",
    count: 400_000,
    unit: "ns",
    what: "one of two tasks gives way to the other",
    target: { go: 1, gevent: 20, effect: 8 },
  },
  {
    name: "channel",
    count: 200_000,
    unit: "ns",
    what: "a value goes to another task and one comes back",
    target: { go: 1.4, gevent: 20, effect: 8 },
  },
  {
    name: "spawn",
    count: 200_000,
    unit: "ns",
    what: "a task is spawned, runs and is joined, one at a time",
    target: { go: 2, gevent: 20, effect: 8 },
  },
  {
    name: "batch",
    count: 200_000,
    unit: "ns",
    what: "a task is spawned and joined, a hundred at a time",
    target: { go: 2, gevent: 20, effect: 8 },
  },
  { name: "cancel", count: 100_000, unit: "ns", what: "one task of a tree a hundred deep is cancelled", target: {} },
  {
    name: "parked",
    count: 100_000,
    unit: "bytes",
    what: "memory of a task that waits for an event",
    target: { go: 5 },
  },
  { name: "sleeping", count: 100_000, unit: "bytes", what: "memory of a task that sleeps", target: { go: 5 } },
];

/** What a contender prints. */
export interface Measurement {
  /** In the scenario's unit, for one operation. */
  readonly value: number;
}
