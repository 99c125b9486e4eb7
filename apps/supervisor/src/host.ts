// What this host allows, where it is not a matter of the configuration: file descriptors and the kernel's accept queue.
import { readFileSync } from "node:fs";

/** Limits of the host; null where this system does not tell. */
export interface HostLimits {
  /** RLIMIT_NOFILE as a program started from here gets it: Node raises the soft limit to the hard one. */
  readonly descriptors: number | null;
  /** net.core.somaxconn: the kernel cuts every backlog down to it. */
  readonly somaxconn: number | null;
}

/** Reads the limits that a supervisor started from here would have. */
export function readHostLimits(): HostLimits {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(readText("/proc/self/limits")) ?? [];
  const somaxconn = readText("/proc/sys/net/core/somaxconn").trim();
  return { descriptors: soft ? Number(soft) : null, somaxconn: somaxconn ? Number(somaxconn) : null };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Not Linux: nothing to compare with.
    return "";
  }
}
