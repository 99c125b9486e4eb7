// Looks at the processes of a service, or at the threads of a process, now and then, and replaces those that have grown
// too large, too old or too used.
import {
  defaultRecycling,
  type Exit,
  type RecycleDecision,
  type RecycleEvent,
  RecyclePlanner,
  type RecycleReason,
  spreadLimit,
} from "@plait/policy";

/** A unit as it is now. */
export interface Observed {
  readonly unit: string;
  readonly incarnation: number;
  readonly ready: boolean;
  /** A process's resident memory or a thread's heap, in bytes; undefined when it was not asked for or is not known. */
  readonly memory: number | undefined;
  /** Since it was started, in ms. */
  readonly age: number;
  /** That it has accepted. */
  readonly connections: number;
}

/** What a unit may reach; undefined is anything. */
export type RecycleMarks = { readonly [reason in "memory" | "age" | "connections"]?: number | undefined };

export interface RecyclerOptions {
  readonly marks: RecycleMarks;
  /** A unit is not replaced before it has served this long, in ms. */
  readonly minLifetime: number;
  readonly observe: (withMemory: boolean) => Promise<readonly Observed[]>;
  /** Replaces a unit, new before old; settles when the old one is gone. False: the old one goes on. */
  readonly replace: (unit: string, why: Exit, signal: AbortSignal) => Promise<boolean>;
}

/** How often it looks, in ms. */
const LOOK_MS = 1_000;
/** How far each unit's own marks are from the configured ones, as a fraction. */
const JITTER = 0.1;

/** Owns a timer and the replacements under way, until `close`. */
export class Recycler {
  readonly #options: RecyclerOptions;
  readonly #planner: RecyclePlanner;
  readonly #timer: NodeJS.Timeout;
  /** Each slot's incarnation and its own marks. */
  readonly #known = new Map<string, { readonly incarnation: number; readonly marks: RecycleMarks }>();
  readonly #why = new Map<string, string>();
  readonly #underWay = new Set<Promise<void>>();
  #giveUp = new AbortController();
  #paused = false;
  #looking = false;

  constructor(options: RecyclerOptions) {
    this.#options = options;
    this.#planner = new RecyclePlanner([], { ...defaultRecycling, minLifetime: options.minLifetime });
    this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref();
  }

  /** Begins no replacement until `resume`, and gives up those that are under way; resolves when they are over. */
  async pause(): Promise<void> {
    this.#paused = true;
    this.#decide({ type: "pause" });
    this.#giveUp.abort("another change was asked for");
    await Promise.all(this.#underWay);
  }

  resume(): void {
    this.#paused = false;
    this.#giveUp = new AbortController();
    this.#decide({ type: "resume" });
  }

  close(): void {
    clearInterval(this.#timer);
    void this.pause();
  }

  async #look(): Promise<void> {
    // A look may take longer than the time between two.
    if (this.#looking || this.#paused) return;
    this.#looking = true;
    try {
      this.#take(await this.#options.observe(this.#options.marks.memory !== undefined));
    } finally {
      this.#looking = false;
    }
  }

  #take(processes: readonly Observed[]): void {
    for (const slot of this.#known.keys()) {
      if (processes.some(({ unit }) => unit === slot)) continue;
      this.#known.delete(slot);
      this.#decide({ type: "removed", slot });
    }
    for (const process of processes) {
      const { unit: slot, incarnation } = process;
      const known = this.#known.get(slot);
      if (known?.incarnation !== incarnation) this.#decide({ type: "unhealthy", slot });
      const marks = known?.incarnation === incarnation ? known.marks : spread(this.#options.marks);
      this.#known.set(slot, { incarnation, marks });
      this.#decide({ type: process.ready ? "healthy" : "unhealthy", slot });
      const reached = process.ready ? markReached(process, marks) : undefined;
      if (!reached) continue;
      this.#why.set(slot, reached.text);
      this.#decide({ type: "request", slot, reason: reached.reason });
    }
  }

  #decide(event: RecycleEvent): void {
    for (const decision of this.#planner.decide(event, performance.now())) this.#carryOut(decision);
  }

  #carryOut(decision: RecycleDecision): void {
    // Nothing has to be woken for a wait: every look decides again.
    if (decision.action !== "recycle") return;
    const { slot } = decision;
    const why: Exit = { cause: "planned", text: `recycled: ${this.#why.get(slot) ?? decision.reason}` };
    const replaced = this.#options
      .replace(slot, why, this.#giveUp.signal)
      .then((done) => this.#decide({ type: done ? "replaced" : "failed", slot }))
      .finally(() => this.#underWay.delete(replaced));
    this.#underWay.add(replaced);
  }
}

function spread(marks: RecycleMarks): RecycleMarks {
  const own = (mark: number | undefined) => (mark === undefined ? undefined : spreadLimit(mark, JITTER, Math.random));
  return { memory: own(marks.memory), age: own(marks.age), connections: own(marks.connections) };
}

function markReached(
  { memory, age, connections }: Observed,
  marks: RecycleMarks,
): { readonly reason: RecycleReason; readonly text: string } | undefined {
  const reached = (value: number | undefined, mark: number | undefined): mark is number =>
    value !== undefined && mark !== undefined && value >= mark;
  if (reached(memory, marks.memory)) {
    return { reason: "memory", text: `${inMiB(memory)} of memory, and its own limit is ${inMiB(marks.memory)}` };
  }
  if (reached(age, marks.age)) {
    return { reason: "age", text: `${inSeconds(age)} old, and its own limit is ${inSeconds(marks.age)}` };
  }
  if (reached(connections, marks.connections)) {
    return { reason: "connections", text: `${connections} connections, and its own limit is ${marks.connections}` };
  }
  return undefined;
}

function inMiB(bytes = 0): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function inSeconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
