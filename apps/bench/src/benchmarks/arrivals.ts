// New connections: many of them at once at a server that is busy, and one for every message.
import type { Benchmark } from "../harness/benchmark.ts";
import type { Loaded } from "../harness/load.ts";
import { cpuPerMessage, loadValues, p50, p99, p999, perSecond } from "../harness/metrics.ts";
import { type ServedOptions, served } from "../harness/served.ts";
import type { ServerProgram } from "../harness/server.ts";
import { go } from "../peers/go.ts";
import { gevent } from "../peers/python.ts";
import * as programs from "../servers/programs.ts";

const message = "x".repeat(64);
const connections = { name: "connections", unit: "connections/s", better: "more" } as const;
const cpuPerConnection = { name: "CPU a connection", unit: "µs", better: "less" } as const;

export const arrivals: Benchmark = {
  name: "arrivals",
  what: "new connections: 500 at once at a busy server, and one for every message",
  scenarios: [
    {
      name: "storm",
      what: "500 clients connect at once, send 10 messages and leave, while 50 others keep the server busy; server and load share all cores",
      metrics: [p999, p99, p50, perSecond],
      baseline: "raw",
      contenders: [
        storm("raw", () => programs.raw("echo"), { what: "node:net, one process" }),
        storm("plait 1×0", () => programs.plait("echo", 1, 0), { what: "accepts and serves on one thread" }),
        storm("plait 1×1", () => programs.plait("echo", 1, 1), { what: "accepts on one thread, serves on another" }),
        storm("plait 1×2", () => programs.plait("echo", 1, 2), { what: "accepts on one thread, serves on two others" }),
        storm("plait 1×2 direct", () => programs.plaitDirect("echo", 1, 2), { what: "2 threads accept and serve" }),
        storm("cluster", () => programs.cluster("echo", 1), { what: "node:cluster, 1 worker" }),
        storm("Go", () => programs.goServer("echo"), { needs: go }),
        storm("gevent", () => programs.geventServer("echo"), { needs: gevent }),
      ],
      targets: [{ contender: "plait 1×1", against: "raw", metric: p999.name, atLeast: 2 }],
    },
    {
      name: "churn",
      what: "a connection for every message, 50 at a time; server and load share all cores",
      metrics: [connections, cpuPerConnection, p99],
      baseline: "cluster",
      contenders: [
        churn("cluster", () => programs.cluster("echo", 2), { what: "node:cluster, 2 workers" }),
        churn("plait 2×0", () => programs.plait("echo", 2, 0), { what: "2 processes" }),
        churn("plait 1×2", () => programs.plait("echo", 1, 2), { what: "2 threads of 1 process" }),
        churn("plait 1×2 direct", () => programs.plaitDirect("echo", 1, 2), { what: "2 threads, which accept" }),
        churn("plait 2×2 direct", () => programs.plaitDirect("echo", 2, 2), { what: "2 × 2 threads, which accept" }),
        churn("raw", () => programs.raw("echo"), { what: "node:net, one process" }),
        churn("Go", () => programs.goServer("echo"), { needs: go }),
        churn("gevent", () => programs.geventServer("echo"), { needs: gevent }),
      ],
      targets: [
        { contender: "plait 2×0", against: "cluster", metric: connections.name, atLeast: 2 },
        { contender: "plait 1×2", against: "cluster", metric: connections.name, atLeast: 2 },
        { contender: "plait 1×2 direct", against: "cluster", metric: connections.name, atLeast: 2 },
      ],
    },
  ],
};

function storm(name: string, program: () => ServerProgram, options: ServedOptions) {
  return served(
    name,
    () => programs.everyCore(program()),
    ({ ms, warmUpMs, share }) => ({
      kind: "arrivals",
      warmUpMs,
      ms,
      busyConnections: 50,
      clients: Math.max(50, Math.round(500 * share)),
      messages: 10,
      message,
    }),
    options,
  );
}

function churn(name: string, program: () => ServerProgram, options: ServedOptions) {
  return served(
    name,
    () => programs.everyCore(program()),
    ({ ms, warmUpMs }) => ({ kind: "churn", warmUpMs, ms, atOnce: 50, message }),
    { ...options, values: perConnection },
  );
}

function perConnection(loaded: Loaded): Record<string, number> {
  const { [perSecond.name]: rate = 0, [cpuPerMessage.name]: cpu, [p99.name]: late } = loadValues(loaded);
  return {
    [connections.name]: rate,
    ...(cpu !== undefined && { [cpuPerConnection.name]: cpu }),
    ...(late !== undefined && { [p99.name]: late }),
  };
}
