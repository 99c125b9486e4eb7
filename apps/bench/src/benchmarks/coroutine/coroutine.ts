// What a coroutine costs: switch, channel, spawn and join, cancel, and its memory. Each contender is a program of its
// own: `contender <scenario> <count>` prints one line of JSON, the best of its rounds.
import { fileURLToPath } from "node:url";
import type { Benchmark, Contender, Scenario } from "../../harness/benchmark.ts";
import type { Peer } from "../../harness/peer.ts";
import { printed } from "../../harness/printed.ts";
import { go, goProgram } from "../../peers/go.ts";
import { gevent, geventPython } from "../../peers/python.ts";

const compiled = import.meta.dirname;
const sources = fileURLToPath(new URL("../../../src/benchmarks/coroutine/contenders/", import.meta.url));
/** DESIGN's targets for everything that runs. */
const speed = { gevent: 20, Effect: 8 };
const memory = { Go: 5 };

export const coroutine: Benchmark = {
  name: "coroutine",
  what: "what a coroutine costs: switch, channel, spawn and join, cancel, memory; a million of them",
  scenarios: [
    scenario("switch", "one of two tasks gives way to the other", "ns", 400_000, { ...speed, Go: 1 }),
    scenario("channel", "a value goes to another task and one comes back", "ns", 200_000, { ...speed, Go: 1.4 }),
    scenario("spawn", "a task is spawned, runs and is joined, one at a time", "ns", 200_000, { ...speed, Go: 2 }),
    scenario("batch", "a task is spawned and joined, a hundred at a time", "ns", 200_000, { ...speed, Go: 2 }),
    scenario("cancel", "one task of a tree a hundred deep is cancelled", "ns", 100_000, {}),
    scenario("parked", "memory of a task that waits for an event", "bytes", 100_000, memory),
    scenario("sleeping", "memory of a task that sleeps", "bytes", 100_000, memory),
    {
      name: "million",
      what: "a million tasks asleep in one process",
      metrics: [
        { name: "memory", unit: "bytes", better: "less" },
        { name: "start", unit: "ms", better: "less" },
        { name: "cancel", unit: "ms", better: "less" },
        { name: "start, sleep and wake", unit: "ms", better: "less" },
      ],
      baseline: "plait",
      rounds: 1,
      contenders: [
        { name: "plait", measure: ({ share }) => printed(node("million.js", String(Math.round(1_000_000 * share)))) },
      ],
    },
  ],
};

function scenario(
  name: string,
  what: string,
  unit: "ns" | "bytes",
  count: number,
  targets: Readonly<Record<string, number>>,
): Scenario {
  const metric = unit === "ns" ? "time" : "memory";
  /** @param part of the count that it gets: the slow ones would take minutes for all of it */
  const contender = (own: string, command: () => readonly string[], part: number, needs?: Peer): Contender => ({
    name: own,
    ...(needs && { needs }),
    async measure({ share }) {
      // A hundred at a time is the coarsest step of any scenario.
      const steps = Math.max(100, Math.round((count * part * share) / 100) * 100);
      const { values } = await printed([...command(), name, String(steps)]);
      return { values: { [metric]: values.value ?? Number.NaN } };
    },
  });
  const inNode = (program: string) => () => node(`contenders/${program}.js`);
  return {
    name,
    what,
    metrics: [{ name: metric, unit, better: "less" }],
    baseline: "plait",
    ...(unit === "bytes" && { rounds: 2 }),
    contenders: [
      contender("plait", inNode("plait"), 1),
      // Plain functions have nothing that cancels them.
      ...(name === "cancel" ? [] : [contender("async", inNode("async"), 1)]),
      contender("Effect", inNode("effect"), 0.25),
      contender("Effection", inNode("effection"), 0.05),
      contender("Go", () => [goProgram(`${sources}go/main.go`)], 1, go),
      contender("gevent", () => [geventPython(), `${sources}gevent_tasks.py`], 0.1, gevent),
    ],
    targets: Object.entries(targets).map(([against, atLeast]) => ({ contender: "plait", against, metric, atLeast })),
  };
}

function node(program: string, ...args: readonly string[]): readonly string[] {
  return [process.execPath, "--expose-gc", `${compiled}/${program}`, ...args];
}
