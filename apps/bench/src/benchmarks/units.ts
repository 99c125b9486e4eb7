// What processes and threads weigh, and how the memory of a service grows with its topology.
import type { Benchmark, Contender } from "../harness/benchmark.ts";
import { needsProc } from "../harness/process-tree.ts";
import { Server, type ServerProgram } from "../harness/server.ts";
import * as programs from "../servers/programs.ts";

const MB = 2 ** 20;
/** What a unit allocates right after it is ready is not over yet. */
const SETTLE_MS = 300;

export const units: Benchmark = {
  name: "units",
  what: "memory of a process and of a thread, and of topologies from 1×1 to 8×4",
  scenarios: [
    {
      name: "unit",
      what: "memory of one more unit that serves: measured with four more of them",
      metrics: [{ name: "memory", unit: "MB", better: "less" }],
      baseline: "cluster worker",
      rounds: 2,
      contenders: [
        oneMore("cluster worker", (more) => programs.cluster("echo", 1 + more)),
        oneMore("plait process", (more) => programs.plait("echo", 1 + more, 0)),
        oneMore("plait thread", (more) => programs.plait("echo", 1, 1 + more)),
        oneMore("plait thread, direct", (more) => programs.plaitDirect("echo", 1, 1 + more)),
        oneMore("Piscina thread", (more) => programs.piscina(1 + more)),
      ],
      targets: [{ contender: "plait thread", against: "cluster worker", metric: "memory", atLeast: 1 / 0.6 }],
    },
    {
      name: "topology",
      what: "processes × threads of an idle service",
      metrics: [
        { name: "memory", unit: "MB", better: "less" },
        { name: "start", unit: "ms", better: "less" },
      ],
      baseline: "1×1",
      rounds: 1,
      contenders: [topology(1, 1), topology(1, 2), topology(2, 2), topology(4, 2), topology(4, 4), topology(8, 4)],
    },
  ],
};

const MORE = 4;

function oneMore(name: string, program: (more: number) => ServerProgram): Contender {
  return {
    name,
    ...needsProc,
    async measure() {
      const [one, several] = [await weigh(program(0)), await weigh(program(MORE))];
      return { values: { memory: (several.memory - one.memory) / MORE } };
    },
  };
}

function topology(processes: number, threads: number): Contender {
  return {
    name: `${processes}×${threads}`,
    ...needsProc,
    async measure() {
      return { values: { ...(await weigh(programs.plait("echo", processes, threads))) } };
    },
  };
}

async function weigh(program: ServerProgram): Promise<{ memory: number; start: number }> {
  await using server = await Server.start(programs.everyCore(program));
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return { memory: server.memory() / MB, start: server.startedInMs };
}
