// What a topology comes to on a given machine: `auto` resolved, with the arithmetic, and whether it fits at all.
import { ConfigError } from "./config-error.ts";
import type { TopologyConfig } from "./deployment.ts";
import { type Machine, type MachineLimit, readMachine, smallest } from "./machine.ts";
import { formatSize } from "./size.ts";

/** The least that an idle process takes, in bytes. Measured on Linux x64, Node 26: 13.9 MB of its own. */
export const processFootprint = 13_900_000;
/** The least that an idle thread takes, in bytes. Measured on Linux x64, Node 26: 6.9 MB. */
export const threadFootprint = 6_900_000;

/**
 * Threads of a process, at most. Counters that its threads share have places for twice as many, as each may be replaced
 * by a new one that serves beside it.
 */
export const mostThreads = 512;

/** `auto` keeps the least that the units take below this share of the memory: the rest is for what they do. */
const autoShare = 0.5;
/** `auto` starts another process for so many cores: one main thread accepts for all of them. */
const coresPerProcess = 8;

/** One line of the arithmetic, for `supervisor check`. */
export interface TopologyStep {
  readonly what: "cores" | "memory" | "processes" | "threads" | "connections" | "footprint";
  /** A count, or bytes for `memory` and `footprint`. */
  readonly value: number;
  /** How the value came about, for people. */
  readonly because: string;
}

export interface ResolvedTopology {
  readonly processes: number;
  readonly threads: number;
  readonly coroutines: number;
  readonly steps: readonly TopologyStep[];
}

/**
 * Resolves `auto` from the cores and the memory of `machine`.
 *
 * With both counts `auto`: two processes, so that one can fail, one more for every 8 cores past 16, and together one
 * thread a core. Where only one is `auto`, it is chosen so that there are as many serving threads as cores. Then fewer,
 * until the units' own memory leaves half of it to their work.
 *
 * @throws {ConfigError} if the units alone need more memory than there is
 *
 * @example
 * ```ts
 * resolveTopology({ processes: "auto", threads: "auto", coroutines: 10_000 });
 * // on 4 cores => { processes: 2, threads: 2, coroutines: 10_000, steps: [...] }
 * ```
 */
export function resolveTopology(topology: TopologyConfig, machine: Machine = readMachine()): ResolvedTopology {
  const cores = Math.max(1, Math.ceil(smallest(machine.cores).value));
  const memory = smallest(machine.memory).value;
  const { processes, threads, shrunk } = choose(topology, cores, memory);
  const footprint = footprintOf(processes, threads);
  if (footprint > memory) {
    const text = `topology asks for ${processes} processes of ${threads} threads, which take at least ${formatSize(footprint)}, and there are ${formatSize(memory)} (${smallest(machine.memory).source}); ask for fewer, or give it more memory.`;
    throw new ConfigError([{ key: "topology", text }]);
  }
  const because = (count: number | "auto", how: string): string => {
    if (count !== "auto") return "as configured";
    return shrunk ? `auto: ${how}, reduced to leave half of the memory to connections` : `auto: ${how}`;
  };
  const lanes = Math.max(1, processes) * Math.max(1, threads);
  const steps: TopologyStep[] = [
    { what: "cores", value: cores, because: explain(machine.cores, (value) => `${Number(value.toFixed(2))}`) },
    { what: "memory", value: memory, because: explain(machine.memory, formatSize) },
    { what: "processes", value: processes, because: because(topology.processes, processRule(topology.threads)) },
    { what: "threads", value: threads, because: because(topology.threads, `${cores} cores shared by the processes`) },
    {
      what: "connections",
      value: lanes * topology.coroutines,
      because: `${lanes} × ${topology.coroutines} coroutines, served at once`,
    },
    {
      what: "footprint",
      value: footprint,
      because: `supervisor and ${processes} processes of ${formatSize(processFootprint)}, ${Math.max(1, processes) * threads} threads of ${formatSize(threadFootprint)}, idle`,
    },
  ];
  return { processes, threads, coroutines: topology.coroutines, steps };
}

interface Choice {
  readonly processes: number;
  readonly threads: number;
  readonly shrunk: boolean;
}

function choose(topology: TopologyConfig, cores: number, memory: number): Choice {
  const share = (processes: number): number => {
    if (topology.threads !== "auto") return topology.threads;
    return Math.min(mostThreads, Math.ceil(cores / Math.max(1, processes)));
  };
  let processes = topology.processes === "auto" ? processesFor(topology.threads, cores) : topology.processes;
  let threads = share(processes);
  const wanted = { processes, threads };
  const tooMuch = (): boolean => footprintOf(processes, threads) > memory * autoShare;
  while (topology.processes === "auto" && processes > 1 && tooMuch()) {
    processes -= 1;
    threads = share(processes);
  }
  while (topology.threads === "auto" && threads > 1 && tooMuch()) threads -= 1;
  return { processes, threads, shrunk: processes !== wanted.processes || threads !== wanted.threads };
}

function processesFor(threads: number | "auto", cores: number): number {
  if (threads === "auto") return Math.min(cores, Math.max(2, Math.ceil(cores / coresPerProcess)));
  return Math.ceil(cores / Math.max(1, threads));
}

function processRule(threads: number | "auto"): string {
  if (threads === "auto") return `two, so that one can fail, or one for every ${coresPerProcess} cores`;
  return threads === 0 ? "one a core" : `enough for one thread a core at ${threads} a process`;
}

/** The supervisor is a process too; with no processes below it, the threads are its own. */
function footprintOf(processes: number, threads: number): number {
  return (1 + processes) * processFootprint + Math.max(1, processes) * threads * threadFootprint;
}

function explain(limits: readonly MachineLimit[], show: (value: number) => string): string {
  return limits.map((limit) => `${show(limit.value)} (${limit.source})`).join(", ");
}
