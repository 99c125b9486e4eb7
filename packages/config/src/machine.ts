// What the machine and its cgroup really allow: cores by affinity, cpuset and quota, memory by limit.
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { dirname, join } from "node:path";

/** One thing that limits cores or memory, and where it was read. */
export interface MachineLimit {
  /** For people: `cpu.max of /sys/fs/cgroup/system.slice`. */
  readonly source: string;
  /** Cores (may be a fraction) or bytes. */
  readonly value: number;
}

/** What may be used. The smallest limit of each kind decides. */
export interface Machine {
  readonly cores: readonly MachineLimit[];
  readonly memory: readonly MachineLimit[];
}

/** Reads a small text file, or `undefined` if it is not there. */
export type ReadText = (path: string) => string | undefined;

interface Mount {
  readonly root: string;
  readonly at: string;
  readonly version: 1 | 2;
  readonly options: readonly string[];
}

/**
 * Reads what this process may use. Everywhere: the cores it may run on and the machine's memory. On Linux also the limits
 * of its cgroup and of every cgroup above it, version 1, 2 or both.
 *
 * @param read where files come from; for tests
 */
export function readMachine(read: ReadText = readText): Machine {
  const affinity = cpuCount(/^Cpus_allowed_list:\s*(\S+)$/m.exec(read("/proc/self/status") ?? "")?.[1]);
  const total = Number(/^MemTotal:\s*(\d+) kB$/m.exec(read("/proc/meminfo") ?? "")?.[1]) * 1024;
  const cgroups = cgroupsOf(read);
  return {
    cores: [
      { source: "cores that this process may run on", value: affinity ?? availableParallelism() },
      ...cgroups
        .folders("cpuset")
        .slice(0, 1)
        .flatMap((folder) => cpuset(folder, read)),
      ...cgroups.folders("cpu").flatMap((folder) => quota(folder, read)),
    ],
    memory: [
      { source: "memory of the machine", value: Number.isNaN(total) ? totalmem() : total },
      ...cgroups.folders("memory").flatMap((folder) => memory(folder, read)),
    ],
  };
}

/** The limit that decides. */
export function smallest(limits: readonly MachineLimit[]): MachineLimit {
  return limits.reduce((least, limit) => (limit.value < least.value ? limit : least));
}

function cgroupsOf(read: ReadText): { folders(controller: string): string[] } {
  const mounts = (read("/proc/self/mountinfo") ?? "").split("\n").flatMap(parseMount);
  const groups = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":"));
  return {
    /** The folders that limit `controller`: the process's own first, then every one above it. */
    folders(controller: string): string[] {
      // Ask version 1 first: on a hybrid host the unified hierarchy is mounted too, but without the controllers in use.
      const old = mounts.find(({ version, options }) => version === 1 && options.includes(controller));
      const mount = old ?? mounts.find(({ version }) => version === 2);
      if (!mount) return [];
      const names = (field: string): boolean => (old ? field.split(",").includes(controller) : field === "");
      const path = groups.find(([, controllers]) => controllers !== undefined && names(controllers))?.[2] ?? "/";
      // A container sees its own part of the hierarchy as the mount's root.
      const inside =
        path === mount.root ? "/" : path.startsWith(`${mount.root}/`) ? path.slice(mount.root.length) : path;
      const folders: string[] = [];
      for (let at = mount.root === "/" || inside !== path ? inside : "/"; ; at = dirname(at)) {
        folders.push(join(mount.at, at).replace(/\/$/, ""));
        if (at === "/" || at === ".") return folders;
      }
    },
  };
}

/** `32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu` (proc(5), mountinfo). */
function parseMount(line: string): Mount[] {
  const [before = "", after = ""] = line.split(" - ");
  const [, , , root, at] = before.split(" ");
  const [type, , options = ""] = after.split(" ");
  if (root === undefined || at === undefined || (type !== "cgroup" && type !== "cgroup2")) return [];
  return [{ root, at, version: type === "cgroup" ? 1 : 2, options: options.split(",") }];
}

function cpuset(folder: string, read: ReadText): MachineLimit[] {
  for (const file of ["cpuset.cpus.effective", "cpuset.effective_cpus", "cpuset.cpus"]) {
    const value = cpuCount(read(`${folder}/${file}`)?.trim());
    if (value !== undefined) return [{ source: `${file} of ${folder}`, value }];
  }
  return [];
}

function quota(folder: string, read: ReadText): MachineLimit[] {
  const [max = "", window = ""] = read(`${folder}/cpu.max`)?.trim().split(" ") ?? [];
  if (Number(max) > 0) return [{ source: `cpu.max of ${folder}`, value: Number(max) / Number(window) }];
  const microseconds = Number(read(`${folder}/cpu.cfs_quota_us`) ?? -1);
  const period = Number(read(`${folder}/cpu.cfs_period_us`) ?? 0);
  return microseconds > 0 && period > 0 ? [{ source: `cpu quota of ${folder}`, value: microseconds / period }] : [];
}

function memory(folder: string, read: ReadText): MachineLimit[] {
  return ["memory.max", "memory.limit_in_bytes"].flatMap((file) => {
    const value = Number(read(`${folder}/${file}`) ?? Number.NaN);
    // Version 1 says "no limit" with a number near 2⁶³; "max" of version 2 is NaN here.
    return value > 0 && value < Number.MAX_SAFE_INTEGER ? [{ source: `${file} of ${folder}`, value }] : [];
  });
}

/** The number of cores in a list such as `0-3,8`. */
function cpuCount(list: string | undefined): number | undefined {
  if (!list) return undefined;
  const count = list.split(",").reduce((sum, range) => {
    const [from = "", to = from] = range.split("-");
    return sum + Number(to) - Number(from) + 1;
  }, 0);
  return count > 0 ? count : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Not Linux, or a controller that this cgroup does not have: no limit.
    return undefined;
  }
}
