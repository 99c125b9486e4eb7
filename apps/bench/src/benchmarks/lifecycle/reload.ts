// Every process is replaced while clients come back again and again: how long it takes, and what they notice.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Contender, Scenario } from "../../harness/benchmark.ts";
import { Server } from "../../harness/server.ts";
import * as programs from "../../servers/programs.ts";
import { visitWhile } from "./visits.ts";

const CLIENTS = 10;

export const reload: Scenario = {
  name: "reload",
  what: `every process is replaced, new before old and without a soak, while ${CLIENTS} clients come back again and again`,
  metrics: [
    { name: "time", unit: "ms", better: "less" },
    { name: "refused or cut", unit: "connections", better: "less" },
    { name: "served meanwhile", unit: "connections", better: "more" },
  ],
  baseline: "plait 2×0",
  contenders: [reloaded("plait 2×0", 2, 0), reloaded("plait 2×2", 2, 2)],
};

function reloaded(name: string, processes: number, threads: number): Contender {
  return {
    name,
    async measure() {
      const program = programs.within({ PLAIT_ECHO__RELOAD__SOAK: "0ms" }, programs.plait("echo", processes, threads));
      await using server = await Server.start(programs.everyCore(program));
      const done = new AbortController();
      const clients = Array.from({ length: CLIENTS }, () => visitWhile(server.port, done.signal));
      const from = performance.now();
      const [command, ...args] = programs.reloadCommand(server.port);
      await promisify(execFile)(command, args).finally(() => done.abort());
      const time = performance.now() - from;
      const counts = await Promise.all(clients);
      const sum = (count: (one: (typeof counts)[number]) => number) => counts.reduce((all, one) => all + count(one), 0);
      const values = {
        time,
        "refused or cut": sum(({ refused, cut }) => refused + cut),
        "served meanwhile": sum(({ served }) => served),
      };
      return { values };
    },
  };
}
