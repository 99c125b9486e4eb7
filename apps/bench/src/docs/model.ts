// What a bigger machine would do, from what one unit costs here. Nothing in it is measured: it multiplies.
import type { Figures } from "./lookup.ts";

/** What one unit costs on the measured machine. */
export interface UnitCosts {
  /** The server's processor time for a 64-byte message and its reply, in µs. */
  readonly messageUs: number;
  /** The processor time of all of the service for a connection with one message, in µs. */
  readonly connectionUs: number;
  /** MB of a process without threads, of one more thread, and of what there is once (the supervisor). */
  readonly processMb: number;
  readonly threadMb: number;
  readonly baseMb: number;
  /** Bytes of an idle connection with its coroutine. */
  readonly connectionBytes: number;
  /** From the death of all processes to the next reply, in ms. */
  readonly recoveryMs: number;
}

export interface Shape {
  readonly processes: number;
  readonly threads: number;
}

export function unitCosts(figures: Figures): UnitCosts {
  const processMb = figures.value("units", "unit", "plait process").median;
  const threadMb = figures.value("units", "unit", "plait thread").median;
  return {
    messageUs: figures.value("net", "small", "plait", "CPU a message").median,
    connectionUs: figures.value("arrivals", "churn", "plait 1×2", "CPU a connection").median,
    processMb,
    threadMb,
    baseMb: figures.value("units", "topology", "1×1", "memory").median - processMb - threadMb,
    connectionBytes: figures.value("net", "idle", "plait").median,
    recoveryMs: figures.value("lifecycle", "crash", "plait 2×2").median,
  };
}

/** Messages a second, when `cores` do nothing else and nothing but them is the limit. */
export function messagesPerSecond({ messageUs }: UnitCosts, cores: number): number {
  return (cores * 1e6) / messageUs;
}

/** Connections of one message each a second, under the same assumption. */
export function connectionsPerSecond({ connectionUs }: UnitCosts, cores: number): number {
  return (cores * 1e6) / connectionUs;
}

/** Memory of a service, in MB. */
export function memoryMb(costs: UnitCosts, { processes, threads }: Shape, connections = 0): number {
  const units = costs.baseMb + processes * costs.processMb + processes * threads * costs.threadMb;
  return units + (connections * costs.connectionBytes) / 2 ** 20;
}

/** Machines that carry a load with one of them gone, each used up to a share of what it can. */
export function machinesFor(load: number, perMachine: number, use: number): number {
  return Math.ceil(load / (perMachine * use)) + 1;
}
