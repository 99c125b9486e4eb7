// Computation off the serving threads: what the way there costs, what a second core brings, what the others notice.
import type { Benchmark, Contender } from "../../harness/benchmark.ts";
import type { Loaded } from "../../harness/load.ts";
import { loadValues, p50, p99 } from "../../harness/metrics.ts";
import { printed } from "../../harness/printed.ts";
import { served, traffic } from "../../harness/served.ts";
import * as programs from "../../servers/programs.ts";

const loopDelay = { name: "loop delay p99", unit: "ms", better: "less" } as const;
const computed = { name: "computed", unit: "computations/s", better: "more" } as const;

export const thread: Benchmark = {
  name: "thread",
  what: "offload: the hop and its payload, computation on two cores against one, what other connections notice",
  scenarios: [
    {
      name: "hop",
      what: "one call there and back, by payload",
      metrics: [{ name: "time", unit: "µs", better: "less" }],
      baseline: "nothing",
      contenders: [
        hop("nothing", 0, "copied"),
        hop("10 KB copied", 10_000, "copied"),
        hop("10 KB moved", 10_000, "moved"),
        hop("1 MB copied", 1_000_000, "copied"),
        hop("1 MB moved", 1_000_000, "moved"),
        hop("10 MB copied", 10_000_000, "copied"),
        hop("10 MB moved", 10_000_000, "moved"),
      ],
    },
    {
      name: "cores",
      what: "computations of about 5 ms, as many as there is room for",
      metrics: [computed, loopDelay],
      baseline: "inline",
      contenders: [
        cores("inline", "on the thread that serves"),
        cores("offload", "on Plait's compute pool"),
        cores("Piscina", "on a Piscina pool of as many threads"),
      ],
      targets: [{ contender: "offload", against: "inline", metric: computed.name, atLeast: 1.8 }],
    },
    {
      name: "neighbours",
      what: "50 connections get a line back while one other asks for 5 ms of computation again and again",
      metrics: [p99, p50, computed],
      baseline: "inline",
      contenders: [neighbours("inline", "computed by the coroutine"), neighbours("offload", "yield* offload(…)")],
    },
  ],
};

function hop(name: string, bytes: number, how: "copied" | "moved"): Contender {
  return {
    name,
    measure: ({ share }) => run("hop-main.js", String(bytes), how, String(Math.max(20, Math.round(200 * share)))),
  };
}

function cores(name: string, what: string): Contender {
  return { name, what, measure: ({ ms }) => run("cores-main.js", name.toLowerCase(), String(2 * ms)) };
}

function neighbours(name: "inline" | "offload", what: string): Contender {
  return served(
    name,
    () => programs.within({ BENCH_COMPUTE: name }, programs.everyCore(programs.plait("compute", 1, 1))),
    traffic(
      { connections: 50, message: "ping\n", replyBytes: 5, timed: true },
      { connections: 1, message: "compute\n", replyBytes: 8, timed: false },
    ),
    { what, values: ofNeighbours },
  );
}

function ofNeighbours(loaded: Loaded): Record<string, number> {
  const { [p50.name]: middle = Number.NaN, [p99.name]: late = Number.NaN } = loadValues(loaded);
  return { [p50.name]: middle, [p99.name]: late, [computed.name]: (loaded.counts[1] ?? 0) / loaded.seconds };
}

function run(program: string, ...args: readonly string[]) {
  return printed([process.execPath, `${import.meta.dirname}/${program}`, ...args], "any");
}
