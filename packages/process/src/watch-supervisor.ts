// Ends this process when its supervisor is gone, even while its main thread spins.
import { Worker } from "node:worker_threads";

/**
 * Watches from a thread of its own: a main thread that is idle notices by its channel that the supervisor is gone, but
 * one that is busy never looks. It costs about 7 MB of memory and ends with the process.
 */
export function watchSupervisor(): void {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const watcher = new Worker(new URL(`./supervisor-watch-main.${extension}`, import.meta.url), {
    workerData: process.ppid,
    name: "supervisor watch",
  });
  watcher.unref();
}
