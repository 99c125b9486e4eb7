// The module that every serving thread executes.
import { openServiceHost } from "@plait/net";
import { enterThread, type ThreadTasks } from "@plait/thread/inside";
import { reportServiceError } from "./report.ts";

/** What a thread is told: plain data, it crosses to another thread. */
export interface ThreadData {
  /** Absolute path of the service's module. */
  readonly entry: string;
}

const tasks: ThreadTasks = enterThread(async ({ unit, data }) => {
  const { entry } = data as ThreadData;
  const host = await openServiceHost(entry, { unit, onError: reportServiceError });
  return {
    serve: (socket) => host.serve(socket),
    control: {
      drain: () => host.drain(),
      cancel: (reason) => host.cancel(reason),
      stop: () => host.stop(),
      stats: () => ({ connections: host.connections, total: host.total, outcomes: { ...host.outcomes } }),
    },
  };
});

export const start: ThreadTasks["start"] = tasks.start;
export const serve: ThreadTasks["serve"] = tasks.serve;
