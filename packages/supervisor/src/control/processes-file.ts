// The processes of a supervisor, in a file beside its control socket: one that is stopped outlives a supervisor that is
// killed, with the listening sockets, and the next supervisor of that name ends it.
import cluster from "node:cluster";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { controlPath } from "./path.ts";

/** A process that is no other of the same number: the kernel's count of its start, and of the boot, stand beside it. */
interface Known {
  readonly pid: number;
  readonly started: string;
}

interface Recorded {
  readonly boot: string;
  readonly supervisor: Known;
  readonly processes: readonly Known[];
}

/** How long a process may take to be gone once it was killed, in ms. */
const GONE_MS = 2_000;
const LOOK_MS = 20;

/** Owns the file until `close`. Without /proc it is empty, and nothing is ended. */
export class ProcessesFile {
  /** Processes that a killed supervisor had left, and that were ended. */
  readonly ended: readonly number[];
  readonly #path: string;
  readonly #self: Known;
  readonly #onTrouble: (text: string) => void;
  #isStale = false;
  readonly #record = () => this.#write();

  private constructor(path: string, self: Known, ended: readonly number[], onTrouble: (text: string) => void) {
    this.#path = path;
    this.#self = self;
    this.ended = ended;
    this.#onTrouble = onTrouble;
    this.#write();
    cluster.on("fork", this.#record).on("exit", this.#record);
  }

  /**
   * Ends what a killed supervisor of that name has left, and records this one's processes from now on.
   *
   * @param onTrouble called when the file can't be kept up to date any more: serving goes on without it
   * @returns undefined where a supervisor of that name is alive: it has the file
   * @throws {ControlPermissionError | ControlError} as {@link controlPath}
   */
  static async open(name: string, onTrouble: (text: string) => void): Promise<ProcessesFile | undefined> {
    const path = `${controlPath(name)}.processes`;
    const self = known(process.pid);
    if (!self) return undefined;
    const before = read(path);
    if (before && isAlive(before.supervisor)) return undefined;
    const left = before?.processes.filter(isAlive) ?? [];
    for (const { pid } of left) kill(pid);
    const until = performance.now() + GONE_MS;
    while (left.some(isAlive) && performance.now() < until) await sleep(LOOK_MS);
    return new ProcessesFile(
      path,
      self,
      left.map(({ pid }) => pid),
      onTrouble,
    );
  }

  close(): void {
    cluster.off("fork", this.#record).off("exit", this.#record);
    rmSync(this.#path, { force: true });
  }

  #write(): void {
    try {
      const workers = Object.values(cluster.workers ?? {});
      const processes = workers.flatMap((worker) => known(worker?.process.pid) ?? []);
      const recorded: Recorded = { boot: bootId(), supervisor: this.#self, processes };
      // In one step: whoever reads it after a kill finds the old or the new, whole.
      writeFileSync(`${this.#path}.new`, JSON.stringify(recorded), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
      this.#isStale = false;
    } catch (error) {
      // Serve on: a user's runtime folder goes when that user logs out, and descriptors may run out.
      if (!this.#isStale) this.#onTrouble(`processes are not recorded any more: ${(error as Error).message}`);
      this.#isStale = true;
    }
  }
}

function read(path: string): Recorded | undefined {
  try {
    const recorded = JSON.parse(readFileSync(path, "utf8")) as Recorded;
    return recorded.boot === bootId() ? recorded : undefined;
  } catch {
    // There is none, or none that this version wrote.
    return undefined;
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** Undefined when it is not there, or is a zombie without threads. */
function known(pid: number | undefined): Known | undefined {
  if (pid === undefined) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name, in parentheses, which may hold anything: proc_pid_stat(5).
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const started = fields[18];
    // A zombie holds its sockets for as long as it has other threads.
    const isGone = state === "Z" && readdirSync(`/proc/${pid}/task`).length <= 1;
    return started === undefined || isGone ? undefined : { pid, started };
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: Known): boolean {
  return known(pid)?.started === started;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile, or is somebody else's: then the address that it holds is reported as in use.
  }
}
