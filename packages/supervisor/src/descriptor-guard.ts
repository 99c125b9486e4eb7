// Stops accepting before this process is out of descriptors: past that, libuv closes every connection that waits.
import { closeSync, openSync, readFileSync } from "node:fs";

/** Descriptors that connections don't get: for a thread that is started again, and for files that are opened. */
const RESERVE = 48;
/** The most accepts between two looks: asking costs two system calls, a tenth of what a short connection does. */
const LONGEST_BETWEEN = 256;
/** The next look is after so much of what is left: others take descriptors too. */
const SHARE_OF_LEFT = 1 / 4;
/** How soon to look again when none is left, in ms: they may be anybody's. */
const AGAIN_MS = 100;

/** How often a shortage is told, in ms. */
const TELL_MS = 10_000;

export interface DescriptorGuardOptions {
  /** Called when `short` has changed. */
  readonly onChange: () => void;
  /** Called with what to say about it, not too often. */
  readonly onShort: (reason: string) => void;
  /** How many such guards look after this process: together they must see the end in time. Default 1. */
  readonly sharers?: number;
}

/** Owns a timer while there are too few. */
export class DescriptorGuard {
  readonly #limit = descriptorLimit();
  readonly #sharers: number;
  readonly #onChange: () => void;
  readonly #onShort: (reason: string) => void;
  #toldAt = Number.NEGATIVE_INFINITY;
  #untilLook = 1;
  #short = false;
  #timer: NodeJS.Timeout | undefined;

  constructor({ onChange, onShort, sharers = 1 }: DescriptorGuardOptions) {
    this.#onChange = onChange;
    this.#onShort = onShort;
    this.#sharers = sharers;
  }

  get short(): boolean {
    return this.#short;
  }

  /** A connection was accepted. */
  accepted(): void {
    if (--this.#untilLook === 0) this.#look();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const left = this.#left();
    const next = Math.floor((left * SHARE_OF_LEFT) / this.#sharers);
    this.#untilLook = Math.max(1, Math.min(LONGEST_BETWEEN, next));
    const short = left <= 0;
    clearTimeout(this.#timer);
    if (short) this.#timer = setTimeout(() => this.#look(), AGAIN_MS).unref();
    if (short === this.#short) return;
    this.#short = short;
    this.#onChange();
    if (!short || performance.now() - this.#toldAt < TELL_MS) return;
    this.#toldAt = performance.now();
    this.#onShort("this process is nearly out of file descriptors (ulimit -n); connections wait until some are closed");
  }

  /** How many connections may have: the kernel gives the lowest number that is free, which says how many are taken. */
  #left(): number {
    if (!Number.isFinite(this.#limit)) return Number.POSITIVE_INFINITY;
    try {
      const descriptor = openSync("/dev/null", "r");
      closeSync(descriptor);
      return this.#limit - RESERVE - descriptor;
    } catch {
      return 0;
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
