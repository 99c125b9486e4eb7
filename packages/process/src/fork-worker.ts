// Has the operating system start the process of a cluster worker.
import cluster, { type Worker } from "node:cluster";
import { SUPERVISOR } from "./wire.ts";

export interface ForkOptions {
  /** Path of the file to execute. */
  readonly exec: string;
  /** As whom it runs; undefined is as this process. */
  readonly identity: { readonly uid: number; readonly gid: number } | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** The scoreboard's, in this process. */
  readonly descriptor: number;
  /** Called when there is no process: the system has no descriptor, memory or number left for one. */
  readonly onFailed: (error: Error) => void;
}

/**
 * The worker has a process id, or `onFailed` is called.
 *
 * @throws {Error} what else keeps the system from starting one
 */
export function forkWorker({ exec, identity, env, descriptor, onFailed }: ForkOptions): Worker {
  // Set these before every fork: they are global to the process, and another group may have changed them.
  const stdio = ["ignore", "pipe", "pipe", "ipc", "pipe", descriptor] as const;
  // With the ids also when there are none: what another group has set would stay.
  const { uid, gid } = identity ?? {};
  cluster.setupPrimary({ exec, args: [], stdio: [...stdio], uid, gid } as cluster.ClusterSettings);
  const worker = cluster.fork({ ...env, [SUPERVISOR]: String(process.pid) });
  worker.on("error", (error) => {
    // Once it runs, this is a message that could not be sent: its exit says why.
    if (worker.process.pid !== undefined) return;
    // Node goes on counting it among the workers.
    delete cluster.workers?.[worker.id];
    onFailed(error);
  });
  return worker;
}
