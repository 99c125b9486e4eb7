// Stops accepting before this process is out of descriptors: past that, libuv closes every connection that waits.
import { closeSync, openSync, readFileSync } from "node:fs";

/** Descriptors that connections don't get: for a thread that is started again, and for files that are opened. */
const RESERVE = 48;
/** Accepts between two looks: asking costs two system calls. */
const LOOK_EVERY = 8;
/** How soon to look again when none is left, in ms: they may be anybody's. */
const AGAIN_MS = 100;

/** Owns a timer while there are too few. */
export class DescriptorGuard {
  readonly #limit = descriptorLimit();
  readonly #lookEvery: number;
  readonly #onChange: (short: boolean) => void;
  #accepts = 0;
  #short = false;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param onChange called with true when no more should be accepted, and with false when it may be again
   * @param sharers how many such guards look after this process: together they must see the end in time
   */
  constructor(onChange: (short: boolean) => void, sharers = 1) {
    this.#onChange = onChange;
    this.#lookEvery = Math.max(1, Math.min(LOOK_EVERY, Math.floor(RESERVE / 2 / sharers)));
  }

  /** What to say when it is short. */
  static readonly shortage =
    "this process is nearly out of file descriptors (ulimit -n); connections wait until some are closed";

  get short(): boolean {
    return this.#short;
  }

  /** A connection was accepted. */
  accepted(): void {
    if (++this.#accepts % this.#lookEvery === 0) this.#look();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const short = !this.#areLeft();
    if (short) this.#timer = setTimeout(() => this.#look(), AGAIN_MS).unref();
    if (short === this.#short) return;
    this.#short = short;
    this.#onChange(short);
  }

  /** The kernel gives the lowest number that is free: it says how many are taken. */
  #areLeft(): boolean {
    if (!Number.isFinite(this.#limit)) return true;
    try {
      const descriptor = openSync("/dev/null", "r");
      closeSync(descriptor);
      return descriptor < this.#limit - RESERVE;
    } catch {
      return false;
    }
  }
}

/** RLIMIT_NOFILE, where it can be read: Node has raised it as far as it may. */
function descriptorLimit(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
