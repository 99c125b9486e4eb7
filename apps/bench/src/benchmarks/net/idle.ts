// What a connection costs that was spoken to once and stays silent, its coroutine included.
import type { Contender, Scenario } from "../../harness/benchmark.ts";
import { Load } from "../../harness/load.ts";
import type { Peer } from "../../harness/peer.ts";
import { needsProc } from "../../harness/process-tree.ts";
import { Server, type ServerProgram } from "../../harness/server.ts";
import { go } from "../../peers/go.ts";
import { gevent } from "../../peers/python.ts";
import { geventServer, goServer, plaitConnections, raw } from "../../servers/programs.ts";

const CONNECTIONS = 10_000;
/** What a Node server gets to collect its garbage. */
const COLLECT_MS = 300;

export const idle: Scenario = {
  name: "idle",
  what: `memory of one of ${CONNECTIONS} idle connections, its coroutine included`,
  metrics: [{ name: "memory", unit: "bytes", better: "less" }],
  baseline: "raw",
  rounds: 2,
  contenders: [
    holding("raw", () => raw("echo")),
    holding("plait", () => plaitConnections("echo")),
    holding("Go", () => goServer("echo"), go),
    holding("gevent", () => geventServer("echo"), gevent),
  ],
  targets: [
    { contender: "plait", against: "raw", metric: "memory", atLeast: 1 / 1.5 },
    { contender: "plait", against: "Go", metric: "memory", atLeast: 1 / 0.8 },
  ],
};

function holding(name: string, program: () => ServerProgram, needs?: Peer): Contender {
  return {
    name,
    ...(needs && { needs }),
    ...needsProc,
    async measure({ share }) {
      const connections = Math.round(CONNECTIONS * share);
      const collects = needs === undefined;
      await using server = await Server.start(program());
      // The first quarter grows what a server has once, and is not counted.
      await using first = Load.start(server, { kind: "idle", connections: Math.round(connections / 4) });
      await first.result();
      await collect(server, collects);
      const before = server.anonymousMemory();
      await using rest = Load.start(server, { kind: "idle", connections });
      const { counts, notes } = await rest.result();
      await collect(server, collects);
      return { values: { memory: (server.anonymousMemory() - before) / (counts[0] ?? 0) }, notes };
    },
  };
}

async function collect(server: Server, collects: boolean): Promise<void> {
  if (collects) server.signal("SIGUSR2");
  await new Promise((resolve) => setTimeout(resolve, COLLECT_MS));
}
