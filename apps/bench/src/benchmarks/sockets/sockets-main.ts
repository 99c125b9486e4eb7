// `node sockets-main.js <shared|slots> <calm|kills|stall> <processes> <warm-up, ms> <ms>`: serves from processes, has clients
// come in a process of their own, and prints what they saw as JSON.
import { fork } from "node:child_process";
import { once } from "node:events";
import { acceptFromQueues, type Queues } from "./queues.ts";
import { Slots } from "./slots.ts";
import { type Visits, visit } from "./visitors.ts";

const CLIENTS = 40;
const KILL_EVERY_MS = 200;

const [, , role = "", trouble = "", ...numbers] = process.argv;
const [processes = 0, warmUpMs = 0, ms = 0, port = 0] = numbers.map(Number);

if (role === "process") acceptFromQueues();
else if (role === "clients") {
  const begin = () => void process.send?.("begin");
  process.send?.(await visit(port, begin, { clients: CLIENTS, slots: processes, warmUpMs, ms }));
} else {
  console.log(JSON.stringify(await measure(role === "slots" ? "slots" : "shared")));
  process.exit();
}

async function measure(kind: Queues): Promise<Record<string, number>> {
  const slots = await Slots.start(import.meta.filename, kind, processes);
  const order = [processes, warmUpMs, ms, slots.port].map(String);
  const clients = fork(import.meta.filename, ["clients", trouble, ...order]);
  await once(clients, "message");
  const before = slots.processorTime();
  const kills = trouble === "kills" ? killInTurn(slots) : undefined;
  if (trouble === "stall") slots.stall(0, ms);
  const [visits] = (await once(clients, "message")) as [Visits];
  const cpuMs = slots.processorTime() - before;
  slots.end();

  if (visits.refused > 0) throw new Error(`${visits.refused} connections were refused`);
  const total = visits.served.reduce((sum, count) => sum + count, 0);
  return {
    connections: total / visits.seconds,
    "busiest process": (Math.max(...visits.served) * processes) / total,
    "p99.9": visits.p999,
    "longest wait": visits.longest,
    // A process that was killed takes its processor time with it.
    ...(kills ? { "lost a kill": visits.lost / kills.count } : { "CPU a connection": (cpuMs * 1_000) / total }),
  };
}

/** For as long as time is measured; who waits then still gets an answer. */
function killInTurn(slots: Slots): { readonly count: number } {
  const kills = { count: 0 };
  let next = 0;
  const killer = setInterval(() => {
    if (slots.kill(next)) kills.count++;
    next = (next + 1) % processes;
  }, KILL_EVERY_MS);
  setTimeout(() => clearInterval(killer), ms);
  return kills;
}
