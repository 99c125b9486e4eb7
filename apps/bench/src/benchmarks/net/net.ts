// Connections on one core: echo of small, medium and large messages, pipelined lines, and what an idle one costs.
import type { Benchmark, Scenario } from "../../harness/benchmark.ts";
import { cpuPerMessage, loadValues, p50, p99, perSecond } from "../../harness/metrics.ts";
import { type ServedOptions, served, traffic } from "../../harness/served.ts";
import type { ServerProgram } from "../../harness/server.ts";
import { go } from "../../peers/go.ts";
import { erlang } from "../../peers/installed.ts";
import { gevent } from "../../peers/python.ts";
import { erlangServer, geventServer, goServer, plaitConnections, raw } from "../../servers/programs.ts";
import { idle } from "./idle.ts";

const line = `${"x".repeat(63)}\n`;

export const net: Benchmark = {
  name: "net",
  what: "connections on one core: echo small, medium and large, pipelined lines, memory of an idle one",
  scenarios: [
    exchange({
      name: "small",
      what: "echo of 64-byte messages, 50 connections",
      connections: 50,
      message: "x".repeat(64),
      more: [
        {
          name: "raw, iterated",
          what: "node:net, for await (const chunk of socket)",
          program: () => raw("echo-iterated"),
        },
        {
          name: "plait, async",
          what: "async connection(conn), for await (const chunk of conn)",
          program: () => plaitConnections("echo-async"),
        },
      ],
      targets: { raw: 1.15, gevent: 1.7, Go: 0.85 },
    }),
    exchange({
      name: "medium",
      what: "echo of 16 KiB messages, 20 connections",
      connections: 20,
      message: "x".repeat(16 * 1024),
      targets: { raw: 1 },
    }),
    exchange({
      name: "large",
      what: "echo of 1 MiB messages, 4 connections",
      connections: 4,
      message: "x".repeat(1024 * 1024),
      targets: { raw: 1 },
    }),
    exchange({
      name: "lines",
      what: "32 lines of 64 bytes a packet, read and written line by line, 50 connections",
      reply: "lines",
      connections: 50,
      message: line.repeat(32),
      weight: 32,
      targets: { raw: 3 },
    }),
    idle,
  ],
};

interface Exchange {
  readonly name: string;
  readonly what: string;
  readonly reply?: "echo" | "lines";
  readonly connections: number;
  readonly message: string;
  /** Messages in one of those: 32 lines in a packet are 32. */
  readonly weight?: number;
  readonly more?: readonly { readonly name: string; readonly what: string; readonly program: () => ServerProgram }[];
  /** What Plait is meant to reach, by the contender it is set against. */
  readonly targets: Readonly<Record<string, number>>;
}

function exchange({
  name,
  what,
  reply = "echo",
  connections,
  message,
  weight = 1,
  more = [],
  targets,
}: Exchange): Scenario {
  const contender = (own: string, program: () => ServerProgram, options: ServedOptions) =>
    served(own, program, traffic({ connections, message, replyBytes: message.length, timed: true }), {
      ...options,
      values: (loaded) => loadValues(loaded, weight),
    });
  return {
    name,
    what,
    metrics: [cpuPerMessage, perSecond, p50, p99],
    baseline: "raw",
    contenders: [
      contender("raw", () => raw(reply), { what: 'node:net, socket.on("data")' }),
      contender("plait", () => plaitConnections(reply), { what: "*connection(conn), without the tiers above" }),
      ...more.map((one) => contender(one.name, one.program, { what: one.what })),
      contender("Go", () => goServer(reply), { what: "a goroutine each", needs: go }),
      contender("gevent", () => geventServer(reply), { what: "a greenlet each", needs: gevent }),
      contender("Erlang", () => erlangServer(reply), { what: "a process each", needs: erlang }),
    ],
    targets: Object.entries(targets).map(([against, atLeast]) => ({
      contender: "plait",
      against,
      metric: cpuPerMessage.name,
      atLeast,
    })),
  };
}
