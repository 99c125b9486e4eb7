// Judges a thread or a process by its heartbeat: pure logic, told the time.

/** When a unit that does not beat is what, in ms. 0 means never. */
export interface WatchdogLimits {
  /** It is blocked: it is reported, and gets no connections until it beats again. */
  readonly report: number;
  /** It is hung, and is replaced. */
  readonly kill: number;
}

/** What a look at the beat showed, with the time since the last one, in ms. */
export interface Finding {
  readonly type: "blocked" | "recovered" | "hung";
  readonly ms: number;
}

/** Time between two looks, and between two beats, in ms: late by an eighth at most. */
export function lookEvery({ report, kill }: WatchdogLimits): number {
  return Math.max(10, Math.floor(Math.min(report || kill, kill || report) / 8));
}

/** One incarnation's beat. Look at it every {@link lookEvery} ms. */
export class BeatWatch {
  readonly #limits: WatchdogLimits;
  readonly #every: number;
  #count: number;
  #lookedAt: number;
  /** When the beat was last seen to have moved; later when nobody looked for a while. */
  #since: number;
  #state: "beating" | "blocked" | "hung" = "beating";

  constructor(limits: WatchdogLimits, count: number, now: number) {
    this.#limits = limits;
    this.#every = lookEvery(limits);
    this.#count = count;
    this.#lookedAt = now;
    this.#since = now;
  }

  /** Whether it is reported as blocked, or hung. */
  get blocked(): boolean {
    return this.#state !== "beating";
  }

  look(count: number, now: number): Finding | undefined {
    // Time in which nobody looked does not count: the machine slept, or whoever watches was held up itself.
    this.#since += Math.max(0, now - this.#lookedAt - this.#every * 2);
    this.#lookedAt = now;
    const ms = now - this.#since;
    if (this.#state === "hung") return undefined;
    if (count !== this.#count) {
      this.#count = count;
      this.#since = now;
      if (this.#state === "beating") return undefined;
      this.#state = "beating";
      return { type: "recovered", ms };
    }
    const { report, kill } = this.#limits;
    if (kill > 0 && ms >= kill) {
      this.#state = "hung";
      return { type: "hung", ms };
    }
    if (report > 0 && ms >= report && this.#state === "beating") {
      this.#state = "blocked";
      return { type: "blocked", ms };
    }
    return undefined;
  }
}
