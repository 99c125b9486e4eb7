// Does switching always help? Two computations one after the other, and the same two switching at every step.
import { fileURLToPath } from "node:url";
import type { Benchmark, Contender } from "../../harness/benchmark.ts";
import type { Cores } from "../../harness/pin.ts";
import { printed } from "../../harness/printed.ts";
import { gevent, geventPython } from "../../peers/python.ts";

const STEPS = 4_000_000;
const python = fileURLToPath(new URL("../../../src/benchmarks/switching/gevent_steps.py", import.meta.url));

export const switching: Benchmark = {
  name: "switching",
  what: "the first experiment: two computations, one after the other and switching at every step",
  scenarios: [
    {
      name: "compute",
      what: "two computations that wait for nothing, by the step",
      metrics: [{ name: "time of a step", unit: "ns", better: "less" }],
      baseline: "one after the other",
      contenders: [
        way("one after the other", "plain functions", "serial"),
        way("switch at every step", "two coroutines, yield* yieldNow() after each step", "switch"),
        way("ready at every step", "two coroutines, a ready operation after each step: the budget switches", "budget"),
        way("await at every step", "two async functions, await after each step", "await"),
        way("offload", "two offloaded functions, each on a core of its own", "offload", "any"),
      ],
    },
    {
      name: "gevent",
      what: "the same in gevent",
      metrics: [{ name: "time of a step", unit: "ns", better: "less" }],
      baseline: "one after the other",
      contenders: [inPython("one after the other", "serial"), inPython("switch at every step", "switch")],
    },
  ],
};

function way(name: string, what: string, mode: string, cores: Cores = "server"): Contender {
  return {
    name,
    what,
    measure: ({ share }) =>
      printed(
        [process.execPath, `${import.meta.dirname}/steps-main.js`, mode, String(Math.round(STEPS * share))],
        cores,
      ),
  };
}

function inPython(name: string, mode: string): Contender {
  return {
    name,
    needs: gevent,
    measure: ({ share }) => printed([geventPython(), python, mode, String(Math.round((STEPS / 40) * share))]),
  };
}
