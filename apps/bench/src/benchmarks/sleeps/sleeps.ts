// Does waiting add up? Three sleeps of 2, 3 and 5 s, ten times as fast: one after the other they take 1 s, together 0.5 s.
import { fileURLToPath } from "node:url";
import type { Benchmark, Contender } from "../../harness/benchmark.ts";
import { printed } from "../../harness/printed.ts";
import { gevent, geventPython } from "../../peers/python.ts";

const python = fileURLToPath(new URL("../../../src/benchmarks/sleeps/gevent_sleeps.py", import.meta.url));

export const sleeps: Benchmark = {
  name: "sleeps",
  what: "the second experiment: three sleeps, one after the other and as coroutines",
  scenarios: [
    {
      name: "three",
      what: "sleeps of 0.2, 0.3 and 0.5 s",
      metrics: [{ name: "time", unit: "ms", better: "less" }],
      baseline: "one after the other",
      rounds: 2,
      contenders: [
        way("one after the other", "serial"),
        way("three coroutines", "coroutines"),
        way("three promises", "promises"),
        {
          name: "three greenlets",
          needs: gevent,
          measure: () => printed([geventPython(), python]),
        },
      ],
      targets: [{ contender: "three coroutines", against: "one after the other", metric: "time", atLeast: 1.9 }],
    },
  ],
};

function way(name: string, mode: string): Contender {
  return { name, measure: () => printed([process.execPath, `${import.meta.dirname}/sleeps-main.js`, mode]) };
}
