// From the start of a program to its first connection.
import type { Contender, Scenario } from "../../harness/benchmark.ts";
import type { Peer } from "../../harness/peer.ts";
import { Server, type ServerProgram } from "../../harness/server.ts";
import { go } from "../../peers/go.ts";
import { pm2 } from "../../peers/installed.ts";
import { gevent } from "../../peers/python.ts";
import * as programs from "../../servers/programs.ts";

export const start: Scenario = {
  name: "start",
  what: "from the start of the program to its first connection",
  metrics: [{ name: "time", unit: "ms", better: "less" }],
  baseline: "cluster",
  contenders: [
    starting("cluster", () => programs.cluster("echo", 2)),
    starting("raw", () => programs.raw("echo")),
    starting("plait 0×0", () => programs.plait("echo", 0, 0)),
    starting("plait 0×2", () => programs.plait("echo", 0, 2)),
    starting("plait 2×0", () => programs.plait("echo", 2, 0)),
    starting("plait 2×2", () => programs.plait("echo", 2, 2)),
    starting("PM2", () => programs.pm2Cluster("echo", 2), pm2),
    starting("gevent", () => programs.geventServer("echo"), gevent),
    starting("Go", () => programs.goServer("echo"), go),
  ],
};

function starting(name: string, program: () => ServerProgram, needs?: Peer): Contender {
  return {
    name,
    ...(needs && { needs }),
    async measure() {
      const described = programs.everyCore(program());
      await using server = await Server.start(described);
      return { values: { time: server.startedInMs } };
    },
  };
}
