// docs/beyond-this-machine.md: what the measured unit costs say about more cores and more machines, and how to refute it.
import { figure } from "../harness/numbers.ts";
import { summarize } from "../harness/summary.ts";
import type { Figures } from "./lookup.ts";
import {
  connectionsPerSecond,
  machinesFor,
  memoryMb,
  messagesPerSecond,
  type Shape,
  type UnitCosts,
  unitCosts,
} from "./model.ts";

const CORES = 64;
const BIG: Shape = { processes: 8, threads: 8 };
/** What a machine is used for at most, so that one can fail, and waiting stays short. */
const USE = 0.6;
const CONNECTIONS = 1_000_000;
/** On the wire: 64 bytes, TCP with timestamps, IP, Ethernet with its gap. */
const WIRE_BYTES = 64 + 32 + 20 + 38;

export function beyondPage(figures: Figures): string {
  const costs = unitCosts(figures);
  const messages = messagesPerSecond(costs, CORES);
  const gigabits = (messages * WIRE_BYTES * 8) / 1e9;
  const connections = connectionsPerSecond(costs, CORES);
  const memory = memoryMb(costs, BIG);
  const million = memoryMb(costs, BIG, CONNECTIONS);
  const wanted = 10_000_000;
  return `# Beyond this machine

<!-- Written by \`npm run bench:docs\` from apps/bench/results/latest.json and apps/bench/src/docs/beyond-page.ts. -->

[The benchmarks](benchmarks.md) were taken on ${figures.report.machine.cores} cores. This page says what they let one expect of ${CORES} cores, and of
many machines behind a load balancer. It is a model, not a measurement: it multiplies what one unit costs here. Each part
says what would prove it wrong.

## What one unit costs

| unit | cost | measured by |
| --- | --: | --- |
| a 64-byte message and its reply, on a connection that stays | ${figure(costs.messageUs)} µs of a core | \`net small\` |
| a connection with one message, all of the service | ${figure(costs.connectionUs)} µs of a core | \`arrivals churn\`, 1×2 |
| a process, without its threads | ${figure(costs.processMb)} MB | \`units unit\` |
| a thread | ${figure(costs.threadMb)} MB | \`units unit\` |
| the supervisor, and what there is once | ${figure(costs.baseMb)} MB | \`units topology\`, 1×1 less a process and a thread |
| an idle connection with its coroutine | ${figure(costs.connectionBytes)} bytes | \`net idle\` |
| all processes killed, until the next reply | ${figure(costs.recoveryMs)} ms | \`lifecycle crash\`, 2×2 |

## ${CORES} cores

**Throughput.** Threads share nothing on the way of a message: each has its event loop, its heap and its sockets. So the
model is that cores add up: ${CORES} cores ÷ ${figure(costs.messageUs)} µs = **${millions(messages)} messages a second** of 64 bytes, and
${CORES} cores ÷ ${figure(costs.connectionUs)} µs = **${thousands(connections)} connections a second** of one message each.

**Memory.** A service of ${BIG.processes} processes with ${BIG.threads} threads each: ${figure(costs.baseMb)} + ${BIG.processes} × ${figure(costs.processMb)} + ${BIG.processes * BIG.threads} × ${figure(costs.threadMb)} = **${figure(memory / 1024)} GB**,
and with a million idle connections **${figure(million / 1024)} GB**. This part was checked against topologies that were measured, none of
which the model was made from:

| topology | model, MB | measured, MB | off by |
| --- | --: | --: | --: |
${checkedLines(figures, costs).join("\n")}

**Recovery.** What dies is what a unit is: a thread takes its connections with it, a process those of its threads. A thread
is 1 of ${BIG.processes * BIG.threads}, so its death loses ${figure(100 / (BIG.processes * BIG.threads))} % of the connections, a process's ${figure(100 / BIG.processes)} %. The others go on, and the kernel keeps who
arrives meanwhile. Units start beside each other on cores of their own, so a process is back after about the measured
${figure(costs.recoveryMs)} ms, which holds the first backoff of about 100 ms. A reload replaces one process after the other, so it takes
${BIG.processes} × (start + soak): with the default soak of 5 s for the first, minutes at most.

### What saturates first

1. **Connections that come and go: the accepting side.** Every process accepts on its main thread, from one kernel queue
   that all of them share. The queue has one lock; with ${BIG.processes} processes that wait for it, every arrival wakes more than one.
   Expect this to bend the line first, well below the ${thousands(connections)} a second above.
   *Refuted by*: \`npm run bench -- arrivals churn\` with topologies 2×7, 4×7 and 8×7 on such a machine. If connections a
   second grow by less than half from 4×7 to 8×7, the queue is the limit.
2. **Messages on connections that stay: the network.** ${millions(messages)} messages a second each way are ${figure(gigabits)} Gbit/s of small packets.
   The loopback has no card, no interrupts and no drivers: on a real network the kernel's share of a message is larger,
   and part of it runs on cores that the service believes to be its own.
   *Refuted by*: \`npm run bench -- net small\` with the load on another machine, and \`/proc/softirqs\` beside it. If the
   server's processor time a message is more than a third above the loopback's, use that one in this page.
3. **Memory bandwidth and heaps: not soon.** A thread's heap is its own, and garbage collections don't wait for each other.
   *Refuted by*: \`npm run bench -- clients\` with n threads on n cores for n of 1, 8, 32 and 64. The model says that
   messages a second over n stay the same; less than 70 % of it at 32 means that something is shared after all.
4. **The supervisor: no.** It is on the way of no message and no connection; it answers for ${BIG.processes} processes and their health.
   *Refuted by*: a supervisor that uses more than 5 % of a core while \`npm run bench -- clients\` runs.

## Many machines

Behind a load balancer machines share nothing, so they add up as well, with two conditions: one of them may be gone, and
each is used up to ${USE * 100} % so that a burst, or the share of the one that is gone, finds room.

For ${millions(wanted)} messages a second: ⌈${millions(wanted)} ÷ (${USE} × ${millions(messages)})⌉ + 1 = **${machinesFor(wanted, messages, USE)} machines** of ${CORES} cores.

- **What saturates first** is the balancer, by connections: for each it keeps a state and ports to the machines behind it
  (28,232 for each address and port, by Linux's default range). Machines with several addresses, or a balancer that hands
  packets on instead of connections, move that limit.
- **Recovery** is the balancer's: a machine that dies is taken out after as many failed probes as it is told to wait for.
  A machine that restarts or reloads is not noticed: its sockets stay, and \`/ready\` says when to send less.
- *Refuted by*: two machines behind one balancer that carry less than 1.9 times what one does, at the same use of each; or a
  machine that is killed while the other is used up to ${USE * 100} %, after which connections wait longer than before.
`;
}

/** Every topology that was measured, but for the one that the model was made from. */
function checkedLines(figures: Figures, costs: UnitCosts): string[] {
  return summarize(figures.scenario("units", "topology")).flatMap(({ contender: { name }, value }) => {
    const measured = value("memory")?.median;
    const [processes = 0, threads = 0] = name.split("×").map(Number);
    if (measured === undefined || (processes === 1 && threads === 1)) return [];
    const model = memoryMb(costs, { processes, threads });
    const off = Math.round((model / measured - 1) * 100);
    return `| ${name} | ${figure(model)} | ${figure(measured)} | ${off > 0 ? "+" : ""}${off} % |`;
  });
}

function millions(value: number): string {
  return `${figure(value / 1e6)} million`;
}

function thousands(value: number): string {
  return `${Math.round(value / 1000).toLocaleString("en-US")},000`;
}
