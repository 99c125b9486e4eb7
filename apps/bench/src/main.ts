// `npm run bench`: runs the benchmarks by name, all of them without one.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

interface Benchmark {
  readonly what: string;
  /** The program that runs it, beside this file. */
  readonly program: string;
}

const benchmarks: Readonly<Record<string, Benchmark>> = {
  coroutine: {
    what: "switch, channel, spawn, memory of a parked task; against Go, gevent, Effect, Effection, async",
    program: "coroutine/main.js",
  },
  net: {
    what: "echo of 64 B, 16 KiB and 1 MiB, pipelined lines, memory of an idle connection; against raw node:net",
    program: "net/main.js",
  },
  thread: {
    what: "an offload's hop, its payload copied and moved, computation on all cores; against inline",
    program: "thread/main.js",
  },
};

/** Runs the benchmark that `args` name, the rest of which is its own; every one without a name; `--list` names them. */
export function main([name, ...args]: readonly string[]): void {
  if (name === "--list") {
    for (const [each, { what }] of Object.entries(benchmarks)) console.log(`${each.padEnd(12)}${what}`);
    return;
  }
  const chosen = name === undefined ? Object.keys(benchmarks) : [name];
  for (const each of chosen) {
    const benchmark = benchmarks[each];
    if (!benchmark) {
      console.error(`bench: there is no benchmark "${each}"; there are ${Object.keys(benchmarks).join(", ")}`);
      process.exitCode = 64;
      return;
    }
    const program = fileURLToPath(new URL(benchmark.program, import.meta.url));
    const { status } = spawnSync(process.execPath, ["--expose-gc", program, ...args], { stdio: "inherit" });
    if (status !== 0) process.exitCode = 1;
  }
}
