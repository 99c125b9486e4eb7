// What is there after everything has been cleaned up: compared twice, it shows what leaks.
import { readdirSync } from "node:fs";
import { Socket } from "node:net";
import { queryObjects, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MessagePort, Worker } from "node:worker_threads";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Counts of what a leak would leave. Collects garbage until no more goes: what finalizers let go of goes a round later. */
export async function leftBehind() {
  let workers = Number.POSITIVE_INFINITY;
  for (let round = 0, last = 0; round < 4 || workers < last; round++) {
    last = workers;
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    collectGarbage();
    workers = queryObjects(Worker, { format: "count" });
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    descriptors: readdirSync("/proc/self/fd").length,
    threads: readdirSync("/proc/self/task").length,
    ports: queryObjects(MessagePort, { format: "count" }),
    workers,
    sockets: queryObjects(Socket, { format: "count" }),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    memory: heapUsed + external,
    rss,
  };
}
