// One queue of new connections for all processes, as the supervisor has it, or a queue for each slot, handed to a neighbour
// while its process is down.
import { fileURLToPath } from "node:url";
import type { Benchmark, Contender } from "../../harness/benchmark.ts";
import { p999 } from "../../harness/metrics.ts";
import { printed } from "../../harness/printed.ts";
import type { Queues } from "./queues.ts";

const program = fileURLToPath(new URL("./sockets-main.js", import.meta.url));
/** The processes do next to nothing: they are soon as fast as they get. */
const WARM_UP_MS = 100;
const SHORTEST_MS = 150;
const SOME_KILLS_MS = 450;

const connections = { name: "connections", unit: "connections/s", better: "more" } as const;
const cpu = { name: "CPU a connection", unit: "µs", better: "less" } as const;
const busiest = { name: "busiest process", unit: "times the mean", better: "less" } as const;
const longest = { name: "longest wait", unit: "ms", better: "less" } as const;
const lost = { name: "lost a kill", unit: "connections", better: "less" } as const;

const kept = { shared: "one shared queue", slots: "SO_REUSEPORT, a queue for each slot" } as const;

export const sockets: Benchmark = {
  name: "sockets",
  what: "where new connections wait: one listening socket for all processes, or one SO_REUSEPORT socket for each of them",
  scenarios: [
    {
      name: "queues",
      what: "40 clients connect, get a byte and leave; the processes and the clients share all cores",
      metrics: [connections, cpu, busiest, p999],
      baseline: "shared 2",
      contenders: [queues("shared", 2), queues("slots", 2), queues("shared", 4), queues("slots", 4)],
    },
    {
      name: "kills",
      what: "the same while a process is killed every 200 ms, in turn, and started again 100 ms later",
      metrics: [p999, longest, lost, connections],
      baseline: "shared 4",
      contenders: [queues("shared", 4, "kills"), queues("slots", 4, "kills")],
    },
    {
      name: "stall",
      what: "the same while one process of the four stands still",
      metrics: [connections, longest],
      baseline: "shared 4",
      contenders: [queues("shared", 4, "stall"), queues("slots", 4, "stall")],
    },
  ],
};

function queues(kind: Queues, processes: number, trouble: "calm" | "kills" | "stall" = "calm"): Contender {
  return {
    name: `${kind} ${processes}`,
    what: `${processes} processes, ${kept[kind]}`,
    ...(process.platform !== "linux" && { unable: "only Linux balances connections over SO_REUSEPORT sockets" }),
    measure: ({ ms, share }) => {
      // Kills are rare events: see some of them.
      const window = Math.max(ms * share, trouble === "kills" ? SOME_KILLS_MS : SHORTEST_MS);
      const args = [kind, trouble, processes, WARM_UP_MS, window].map(String);
      return printed([process.execPath, program, ...args], "any");
    },
  };
}
