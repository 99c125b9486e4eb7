// Whether the kernel has killed a process for the memory of this cgroup: a SIGKILL by itself does not say.
import { readFileSync } from "node:fs";

export type ReadText = (path: string) => string | undefined;

/**
 * The kills that the kernel has counted (cgroup version 1: `memory.oom_control`, version 2: `memory.events`), each of
 * which explains one death.
 */
export class OomKills {
  readonly #read: ReadText;
  #explained: number;

  constructor(read: ReadText = readText) {
    this.#read = read;
    this.#explained = this.#count();
  }

  /** Whether there was one that explains no death yet; then it explains this one. */
  take(): boolean {
    if (this.#count() <= this.#explained) return false;
    this.#explained++;
    return true;
  }

  #count(): number {
    for (const file of filesOf(this.#read("/proc/self/cgroup") ?? "")) {
      const count = /^oom_kill (\d+)$/m.exec(this.#read(file) ?? "")?.[1];
      if (count !== undefined) return Number(count);
    }
    return 0;
  }
}

/** Where the counter may be, from lines such as `4:memory:/service` (version 1) and `0::/service` (version 2). */
function filesOf(cgroups: string): string[] {
  return cgroups.split("\n").flatMap((line) => {
    const [, controllers = "", ...rest] = line.split(":");
    const path = rest.join(":");
    if (controllers.split(",").includes("memory")) return [`/sys/fs/cgroup/memory${path}/memory.oom_control`];
    return controllers === "" && path !== "" ? [`/sys/fs/cgroup${path}/memory.events`] : [];
  });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Not Linux, or no such controller.
    return undefined;
  }
}
