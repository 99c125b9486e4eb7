// Processor time and memory of processes, as the operating system counts them.
export interface ProcessUsage {
  /** Resident memory, in bytes. */
  readonly memory: number;
  /** Processor time since the process started, in ms. */
  readonly cpuMs: number;
  /** Processor time by time, over the last half second or more: 1 is one core in full. */
  readonly cpu: number;
}

/** Between two readings that `cpu` is taken from, in ms: the kernel counts in steps of 10. */
const SPAN = 500;

interface Reading {
  readonly at: number;
  readonly cpuMs: number;
  readonly cpu: number;
}

/** Reads the usage of processes, again and again. It owns nothing. */
export class ProcessUsages {
  #readings = new Map<number, Reading>();

  /** The usage of each process that is still there. */
  async read(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessUsage>> {
    const usages = await Promise.all(
      [...new Set(pids)].map(async (pid): Promise<[number, ProcessUsage][]> => {
        const stat = await ask(pid);
        return stat ? [[pid, { memory: stat.memory, cpuMs: stat.ctime, cpu: this.#share(pid, stat) }]] : [];
      }),
    );
    const known = new Map(usages.flat());
    for (const pid of this.#readings.keys()) if (!known.has(pid)) this.#readings.delete(pid);
    return known;
  }

  #share(pid: number, { ctime, elapsed }: { readonly ctime: number; readonly elapsed: number }): number {
    const now = performance.now();
    const last = this.#readings.get(pid) ?? { at: now - elapsed, cpuMs: 0, cpu: 0 };
    const ms = now - last.at;
    if (ms < SPAN) return last.cpu;
    const cpu = (ctime - last.cpuMs) / ms;
    this.#readings.set(pid, { at: now, cpuMs: ctime, cpu });
    return cpu;
  }
}

/** Questions without an answer yet, by process id. */
const open = new Map<number, ReturnType<typeof askAlone>>();

/** Asks once for all who ask at the same time: of two first questions, pidusage never closes the file of one. */
function ask(pid: number): ReturnType<typeof askAlone> {
  const answer = open.get(pid) ?? askAlone(pid).finally(() => open.delete(pid));
  open.set(pid, answer);
  return answer;
}

/** The very first question: until it is answered, pidusage runs two programs for each, to learn the kernel's units. */
let first: Promise<unknown> | undefined;

/** One process at a time: a single one that has just ended would fail the question for all. */
async function askAlone(pid: number) {
  // Loaded when it is asked for: a supervisor need not start with it.
  const { default: pidusage } = await import("pidusage");
  if (first) await first;
  const answer = pidusage(pid).catch(() => undefined);
  first ??= answer;
  return answer;
}
