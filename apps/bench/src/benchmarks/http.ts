// An HTTP server that Plait hosts unchanged, against the same one under node:cluster.
import type { Benchmark } from "../harness/benchmark.ts";
import { cpuPerMessage, p50, p99, perSecond } from "../harness/metrics.ts";
import { type ServedOptions, served, traffic } from "../harness/served.ts";
import type { ServerProgram } from "../harness/server.ts";
import { gunicorn } from "../peers/python.ts";
import * as programs from "../servers/programs.ts";

const request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

export const http: Benchmark = {
  name: "http",
  what: "an http.Server, hosted unchanged, against node:cluster",
  scenarios: [
    {
      name: "hello",
      what: "GET over 50 connections that stay; server and load share all cores",
      metrics: [cpuPerMessage, perSecond, p50, p99],
      baseline: "cluster",
      contenders: [
        contender("cluster", () => programs.cluster("http", 2), { what: "node:cluster, 2 workers" }),
        contender("plait 2×0", () => programs.plait("http", 2, 0), { what: "2 processes" }),
        contender("plait 1×2", () => programs.plait("http", 1, 2), { what: "2 threads of 1 process" }),
        contender("gunicorn", () => programs.gunicornServer(2), { what: "2 workers of gevent", needs: gunicorn }),
      ],
    },
  ],
};

function contender(name: string, program: () => ServerProgram, options: ServedOptions) {
  return served(
    name,
    () => programs.everyCore(program()),
    traffic({ connections: 50, message: request, replyBytes: "asked", timed: true }),
    options,
  );
}
