// What a program and the processes below it use, from Linux's /proc; elsewhere there is nothing to be had.
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Whether processor time and memory of other programs can be read here. */
export const canRead: boolean = existsSync("/proc/self/smaps_rollup");

/** For contenders that can't be measured without it. */
export const needsProc: { readonly unable?: string } = canRead
  ? {}
  : { unable: "only Linux's /proc tells what it is about" };

/** Ids of a process and of everything below it. */
export function processTree(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : undefined;
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const found = [pid];
  // The list grows while it is walked.
  for (const known of found) for (const [child, parent] of parents) if (parent === known) found.push(child);
  return found;
}

/** Kills everything below a process at once; what has ended since it was listed needs no killing. */
export function killBelow(pid: number): void {
  for (const below of processTree(pid).slice(1)) {
    try {
      process.kill(below, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** Processor time of a program with everything below it, in ms. */
export function processorTime(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + ownProcessorTime(each), 0);
}

/** Memory of a program with everything below it, in bytes: each page counts for those that share it in equal parts. */
export function memory(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + ownMemory(each, "Pss"), 0);
}

/**
 * The same without what lies in files: a program's share of those changes when another one comes or goes that uses them
 * too, such as a load on the same Node.
 */
export function anonymousMemory(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + ownMemory(each, "Pss_Anon"), 0);
}

function ownProcessorTime(pid: number): number {
  // In nanoseconds, by thread; /proc/<pid>/stat would count in hundredths of a second.
  const threads = readOr(() => readdirSync(`/proc/${pid}/task`), []);
  return threads
    .map((thread) =>
      Number(readOr(() => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8"), "0").split(" ")[0]),
    )
    .reduce((sum, ns) => sum + ns / 1e6, 0);
}

function ownMemory(pid: number, field: "Pss" | "Pss_Anon"): number {
  const lines = readOr(() => readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"), "").split("\n");
  const found = lines.find((line) => line.startsWith(`${field}:`))?.match(/\d+/);
  return Number(found?.[0] ?? 0) * 1024;
}

function parentOf(pid: number): number | undefined {
  // The program's name is in parentheses and may have any character.
  const found = /^.*\) \S (\d+)/s.exec(readOr(() => readFileSync(`/proc/${pid}/stat`, "utf8"), ""));
  return found ? Number(found[1]) : undefined;
}

/** A process or thread may end between being listed and being read; it counts for nothing then. */
function readOr<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
