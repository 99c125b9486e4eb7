// The third experiment: 500 clients against the upper-case server, on every topology.
import type { Benchmark, Scenario } from "../harness/benchmark.ts";
import { cpuPerMessage, p50, p99, p999, perSecond } from "../harness/metrics.ts";
import { type ServedOptions, served, traffic } from "../harness/served.ts";
import type { ServerProgram } from "../harness/server.ts";
import { go } from "../peers/go.ts";
import { erlang, pm2 } from "../peers/installed.ts";
import { gevent } from "../peers/python.ts";
import * as programs from "../servers/programs.ts";

const CLIENTS = 500;
const message = "the quick brown fox jumps over the lazy dog, and does it again\n";

const upperCase: Scenario = {
  name: "upper-case",
  what: `${CLIENTS} clients send a line again and again and get it back in upper case; server and load share all cores`,
  metrics: [perSecond, cpuPerMessage, p50, p99, p999],
  baseline: "raw",
  rounds: 2,
  contenders: [
    contender("raw", () => programs.raw("upper"), { what: "node:net, one process" }),
    contender("plait 0×0", () => programs.plait("upper", 0, 0), { what: "in the supervisor's own process" }),
    contender("plait 0×2", () => programs.plait("upper", 0, 2), { what: "2 threads" }),
    contender("plait 2×0", () => programs.plait("upper", 2, 0), { what: "2 processes" }),
    contender("plait 2×2", () => programs.plait("upper", 2, 2), { what: "2 processes of 2 threads" }),
    contender("cluster", () => programs.cluster("upper", 2), { what: "node:cluster, 2 workers" }),
    contender("Piscina", () => programs.piscina(2), { what: "Piscina alone, 2 threads" }),
    contender("PM2", () => programs.pm2Cluster("upper", 2), { what: "cluster mode, 2 workers", needs: pm2 }),
    contender("gevent", () => programs.geventServer("upper"), { what: "one process", needs: gevent }),
    contender("Go", () => programs.goServer("upper"), { what: "one process, every core", needs: go }),
    contender("Erlang", () => programs.erlangServer("upper"), { what: "one node, every core", needs: erlang }),
  ],
};

export const clients: Benchmark = {
  name: "clients",
  what: "the third experiment: 500 clients against the upper-case server, by topology",
  scenarios: [upperCase],
};

function contender(name: string, program: () => ServerProgram, options: ServedOptions) {
  return served(
    name,
    () => programs.everyCore(program()),
    traffic({ connections: CLIENTS, message, replyBytes: message.length, timed: true }),
    options,
  );
}
