// CPU and memory of processes, as the operating system counts them.
import pidusage from "pidusage";

export interface ProcessUsage {
  /** Resident memory, in bytes. */
  readonly memory: number;
  /** CPU time spent since the process started, in seconds. */
  readonly cpu: number;
}

/** The usage of each process that is still there. */
export async function processUsage(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessUsage>> {
  const usages = await Promise.all(
    pids.map(async (pid): Promise<[number, ProcessUsage][]> => {
      // One by one: a single process that has just ended would fail the question for all.
      const stat = await pidusage(pid).catch(() => undefined);
      return stat ? [[pid, { memory: stat.memory, cpu: stat.ctime / 1_000 }]] : [];
    }),
  );
  return new Map(usages.flat());
}
