// Every process that serves is killed at once: how long until the next reply, and who was refused meanwhile.
import { setTimeout as pass } from "node:timers/promises";
import type { Contender, Scenario } from "../../harness/benchmark.ts";
import type { Peer } from "../../harness/peer.ts";
import { killBelow, needsProc } from "../../harness/process-tree.ts";
import { Server, type ServerProgram } from "../../harness/server.ts";
import { pm2 } from "../../peers/installed.ts";
import * as programs from "../../servers/programs.ts";
import { visit } from "./visits.ts";

const GIVE_UP_MS = 20_000;

export const crash: Scenario = {
  name: "crash",
  what: "every process that serves is killed at once, while a client comes back again and again",
  metrics: [
    { name: "next reply", unit: "ms", better: "less" },
    { name: "refused", unit: "connections", better: "less" },
  ],
  baseline: "cluster",
  contenders: [
    killed("cluster", () => programs.cluster("echo", 2)),
    killed("plait 2×0", () => programs.plait("echo", 2, 0)),
    killed("plait 2×2", () => programs.plait("echo", 2, 2)),
    killed("PM2", () => programs.pm2Cluster("echo", 2), pm2),
  ],
};

function killed(name: string, program: () => ServerProgram, needs?: Peer): Contender {
  return {
    name,
    ...(needs && { needs }),
    ...needsProc,
    async measure() {
      await using server = await Server.start(programs.everyCore(program()));
      if ((await visit(server.port)) !== "served") throw new Error("it does not serve before anything happened");
      const from = performance.now();
      killBelow(server.pid);
      let refused = 0;
      // A connection that was taken by a process before it died is lost with it, and is not a refusal.
      for (let outcome = await visit(server.port); outcome !== "served"; outcome = await visit(server.port)) {
        if (outcome === "refused") refused++;
        if (performance.now() - from > GIVE_UP_MS)
          throw new Error(`no reply within ${GIVE_UP_MS / 1000} s: ${server.output}`);
        await pass(1);
      }
      return { values: { "next reply": performance.now() - from, refused } };
    },
  };
}
