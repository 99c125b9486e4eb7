// Keeps one unit alive in each slot of a group: starts them, asks the restart policy when one ends, and does what it
// says. Threads and processes are both kept by it; what a unit is, only the caller knows.
import type { ExitCause } from "./exit-cause.ts";
import { groupLimits, type RestartLimits } from "./restart-limits.ts";
import { RestartPolicy } from "./restart-policy.ts";

/** Why a unit ended. `text` is the sentence that logs and `status` print. */
export interface Exit {
  readonly cause: ExitCause;
  readonly text: string;
}

/** One incarnation of a unit. */
export interface Unit {
  /** Settles when it serves; rejects when it can't. */
  readonly ready: Promise<void>;
  /** Settles once, when it is gone. */
  readonly exited: Promise<Exit>;
  /** Ends it at once. */
  kill(): void;
}

export type UnitState = "starting" | "ready" | "stopping" | "backoff" | "failed" | "stopped";

/** One place for a unit. It keeps its id across restarts; `incarnation` counts them. */
export interface UnitSlot<U extends Unit> {
  /** The slot's id, for example `"p2"` or `"p2.t1"`. */
  readonly unit: string;
  readonly state: UnitState;
  readonly incarnation: number;
  /** When the running incarnation was started, in ms since the epoch. */
  readonly startedAt: number;
  /** Why the incarnation before this one ended. */
  readonly lastExit: Exit | undefined;
  readonly running: U | undefined;
}

export type UnitEvent =
  | { readonly type: "ready"; readonly unit: string; readonly incarnation: number }
  | { readonly type: "exited"; readonly unit: string; readonly exit: Exit }
  /** It will be started again. */
  | { readonly type: "backoff"; readonly unit: string; readonly delayMs: number; readonly attempt: number }
  /** Its end is final: the policy does not restart such an end. */
  | { readonly type: "left"; readonly unit: string }
  /** The policy gave up: every unit of the group is being ended, and the parent has to act. */
  | { readonly type: "gave-up"; readonly unit: string; readonly reason: string };

export interface SlotGroupOptions<U extends Unit> {
  readonly units: readonly string[];
  /** What each slot is allowed; the group as a whole is allowed that many times the number of slots. */
  readonly limits: RestartLimits;
  /** Starts an incarnation. */
  readonly start: (unit: string, incarnation: number) => U;
  readonly onEvent: (event: UnitEvent) => void;
}

interface MutableSlot<U extends Unit> {
  readonly unit: string;
  state: UnitState;
  incarnation: number;
  startedAt: number;
  lastExit: Exit | undefined;
  running: U | undefined;
  /** Counts down to health while the unit is up, and to the restart while it is in backoff. */
  timer: NodeJS.Timeout | undefined;
}

/** Owns the running units until `stop` or `kill`. */
export class SlotGroup<U extends Unit> {
  readonly #slots: MutableSlot<U>[];
  readonly #policy: RestartPolicy;
  readonly #options: SlotGroupOptions<U>;
  #stopping = false;

  constructor(options: SlotGroupOptions<U>) {
    this.#options = options;
    this.#policy = new RestartPolicy(groupLimits(options.limits, options.units.length));
    this.#slots = options.units.map((unit) => ({
      unit,
      state: "starting",
      incarnation: 0,
      startedAt: 0,
      lastExit: undefined,
      running: undefined,
      timer: undefined,
    }));
  }

  get slots(): readonly UnitSlot<U>[] {
    return this.#slots;
  }

  /** Starts every unit; resolves when all are ready. When one can't start, ends the others and rejects with its error. */
  async start(): Promise<void> {
    const units = this.#slots.map((slot) => this.#spawn(slot));
    try {
      await Promise.all(units.map((unit) => unit.ready));
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Ends every unit in its own way and restarts none. Resolves when all are gone. */
  async stop(end: (unit: U) => Promise<unknown>): Promise<void> {
    this.#stopping = true;
    await Promise.all(
      this.#slots.map(async (slot) => {
        clearTimeout(slot.timer);
        if (slot.running) {
          slot.state = "stopping";
          await end(slot.running);
        }
        if (slot.state !== "failed") slot.state = "stopped";
      }),
    );
  }

  /** Ends every unit at once and restarts none. Resolves when all are gone. */
  async kill(): Promise<void> {
    await this.stop((unit) => {
      unit.kill();
      return unit.exited;
    });
  }

  #spawn(slot: MutableSlot<U>): U {
    slot.incarnation++;
    slot.state = "starting";
    slot.startedAt = Date.now();
    this.#policy.decide({ type: "started", slot: slot.unit }, performance.now());
    const unit = this.#options.start(slot.unit, slot.incarnation);
    slot.running = unit;
    unit.ready.then(
      () => this.#onReady(slot),
      () => {
        // It ends, or is being ended: `exited` says why.
      },
    );
    void unit.exited.then((exit) => this.#onExit(slot, exit));
    return unit;
  }

  #onReady(slot: MutableSlot<U>): void {
    if (slot.state !== "starting") return;
    slot.state = "ready";
    this.#options.onEvent({ type: "ready", unit: slot.unit, incarnation: slot.incarnation });
    slot.timer = setTimeout(() => {
      this.#policy.decide({ type: "healthy", slot: slot.unit }, performance.now());
    }, this.#options.limits.healthyAfter).unref();
  }

  #onExit(slot: MutableSlot<U>, exit: Exit): void {
    const { unit } = slot;
    const { onEvent } = this.#options;
    clearTimeout(slot.timer);
    slot.running = undefined;
    slot.lastExit = exit;
    onEvent({ type: "exited", unit, exit });
    if (this.#stopping) return;

    const decision = this.#policy.decide(
      { type: "exited", slot: unit, reason: exit.cause, detail: exit.text },
      performance.now(),
    );
    if (decision.action === "restart") {
      slot.state = "backoff";
      slot.timer = setTimeout(() => this.#spawn(slot), decision.delayMs);
      onEvent({ type: "backoff", unit, delayMs: decision.delayMs, attempt: decision.attempt });
    } else if (decision.action === "escalate") {
      slot.state = "failed";
      onEvent({ type: "gave-up", unit, reason: decision.reason });
      void this.kill();
    } else {
      slot.state = "stopped";
      onEvent({ type: "left", unit });
    }
  }
}
