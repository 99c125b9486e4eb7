// What the watching thread of a process executes.
import { workerData } from "node:worker_threads";
import type { Watch } from "./watch-supervisor.ts";

/** How often it looks, in ms: a process outlives its supervisor by no more than this. */
const LOOK_MS = 500;

const { supervisor, beside } = workerData as Watch;
setInterval(() => {
  // A process whose parent is gone gets another one: init, or whoever collects orphans.
  if (process.ppid !== supervisor) process.kill(process.pid, "SIGKILL");
}, LOOK_MS);
if (beside !== undefined) await import(beside);
