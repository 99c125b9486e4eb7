// Ends this process when its supervisor is gone, even while its main thread spins.
import { Worker } from "node:worker_threads";
import { SUPERVISOR } from "./wire.ts";

/** What the watching thread is told. */
export interface Watch {
  /** Process id of the supervisor. */
  readonly supervisor: number;
  /** URL of a module to load beside the main thread. */
  readonly beside: string | undefined;
}

/**
 * Watches from a thread of its own: a main thread that is idle notices by its channel that the supervisor is gone, but
 * one that is busy never looks. It costs about 7 MB of memory and ends with the process.
 *
 * @param beside URL of a module to load in that thread, for what has to work while the main thread spins
 */
export function watchSupervisor(beside: string | undefined): void {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const watcher = new Worker(new URL(`./supervisor-watch-main.${extension}`, import.meta.url), {
    // Not its parent's id: that is another one if the supervisor is gone already.
    workerData: { supervisor: Number(process.env[SUPERVISOR]), beside } satisfies Watch,
    name: "supervisor watch",
  });
  watcher.unref();
}
