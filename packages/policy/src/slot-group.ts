// Keeps one unit alive in each slot of a group: starts them, asks the restart policy when one ends, and does what it
// says. Threads and processes are both kept by it; what a unit is, only the caller knows.
//
// A slot has one running unit. While it is being replaced it has a `next` one beside it, which serves as soon as it is
// ready, and then an old one that leaves:
// 1. The restart policy hears of the running unit only. A next one that fails is nobody's restart, and a replaced one was
//    asked to end.
// 2. Until `promote`, an old unit that dies is restarted as ever: the next one may still be given up.
// 3. `promote` and `discard` settle a replacement for good; the slot's later restarts follow whoever won.
// 4. An old unit that is being ended may be kept instead: it goes on beside its slot, belongs to it no more, and is not
//    restarted.
// 5. When the policy gives up, every running unit is ended, and none is restarted until `revive`. Units that are added or that
//    replace others live on: they may be what heals the group.
import { isRequested } from "./exit-cause.ts";
import { groupLimits, type RestartLimits } from "./restart-limits.ts";
import { RestartPolicy } from "./restart-policy.ts";
import type { Exit, KeptUnit, NextUnit, StartUnit, Unit, UnitEvent, UnitSlot, UnitState } from "./unit.ts";

export interface SlotGroupOptions<U extends Unit> {
  readonly units: readonly string[];
  /** What each slot is allowed; the group as a whole is allowed that many times the number of slots. */
  readonly limits: RestartLimits;
  /** Starts an incarnation, until a replacement brings its own way. */
  readonly start: StartUnit<U>;
  readonly onEvent: (event: UnitEvent) => void;
}

interface MutableNext<U extends Unit> extends NextUnit<U> {
  readonly start: StartUnit<U>;
  readonly startedAt: number;
  readonly since: number;
  ready: boolean;
  readyAt: number;
}

interface MutableSlot<U extends Unit> {
  readonly unit: string;
  state: UnitState;
  incarnation: number;
  /** Incarnations so far, the next one and the ones that were given up included. */
  incarnations: number;
  startedAt: number;
  since: number;
  lastExit: Exit | undefined;
  running: U | undefined;
  next: MutableNext<U> | undefined;
  /** Replaced, given up or no longer wanted, and not gone yet, with their incarnations. */
  readonly leaving: Map<U, number>;
  start: StartUnit<U>;
  /** It is being added: when its first unit ends before it is ready, the slot goes and nothing is restarted. */
  onTrial: boolean;
  /** Counts down to health while the unit is up, and to the restart while it is in backoff. */
  timer: NodeJS.Timeout | undefined;
}

/** Owns the running units until `stop` or `kill`. */
export class SlotGroup<U extends Unit> {
  #slots: MutableSlot<U>[];
  /** Units of slots that were removed, and not gone yet. */
  readonly #removed = new Set<U>();
  readonly #kept = new Map<U, KeptUnit<U>>();
  readonly #watchers = new Set<(event: UnitEvent) => void>();
  #policy: RestartPolicy;
  readonly #options: SlotGroupOptions<U>;
  #limits: RestartLimits;
  #stopping = false;
  /** Settles when everything is gone that the policy had given up; undefined unless it has, and after `revive`. */
  #givenUp: Promise<unknown> | undefined;

  constructor(options: SlotGroupOptions<U>) {
    this.#options = options;
    this.#limits = options.limits;
    this.#policy = new RestartPolicy(groupLimits(options.limits, options.units.length));
    this.#slots = options.units.map((unit) => emptySlot(unit, options.start));
  }

  get slots(): readonly UnitSlot<U>[] {
    return this.#slots;
  }

  /** Units that were replaced and go on; see {@link keep}. */
  get kept(): readonly KeptUnit<U>[] {
    return [...this.#kept.values()];
  }

  /** What each slot is allowed. A change holds from the next exit on; restarts on record stay there. */
  get limits(): RestartLimits {
    return this.#limits;
  }

  set limits(limits: RestartLimits) {
    this.#limits = limits;
    this.#policy.limits = groupLimits(limits, this.#slots.length);
  }

  /** Calls `watcher` after `onEvent`, with every event from now on. Returns what ends it. */
  watch(watcher: (event: UnitEvent) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
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

  /**
   * Starts a slot's next incarnation beside the running one. `promote` or `discard` must follow, unless it ends by itself.
   *
   * @param start how to start it; the slot's restarts follow it once it is promoted
   * @throws {Error} when the slot has a next one already, is unknown, or the group stops
   */
  startNext(unit: string, start: StartUnit<U>): NextUnit<U> {
    const slot = this.#slot(unit);
    if (slot.next) throw new Error(`${unit} is being replaced already`);
    if (this.#stopping) throw new Error(`${unit} is being stopped`);
    const incarnation = ++slot.incarnations;
    const started = start(unit, incarnation);
    const began = { startedAt: Date.now(), since: performance.now() };
    const next = { unit: started, incarnation, start, ...began, ready: false, readyAt: 0 };
    slot.next = next;
    started.ready.then(
      () => {
        next.ready = true;
        next.readyAt = performance.now();
        // It may be the running one by now: promoted before it was ready.
        if (slot.running === started) this.#onReady(slot);
        else if (slot.next === next) this.#tell({ type: "ready", unit, incarnation });
      },
      () => {
        // It ends, or is being ended: `exited` says why.
      },
    );
    void started.exited.then((exit) => this.#onExit(slot, started, incarnation, exit));
    return next;
  }

  /** Makes a slot's next incarnation the running one, and ends the old one in its own way. Resolves when that is gone. */
  async promote(unit: string, end: (unit: U) => Promise<unknown>): Promise<void> {
    const slot = this.#slot(unit);
    const { next, running: old, incarnation } = slot;
    if (!next) return;
    clearTimeout(slot.timer);
    Object.assign(slot, { next: undefined, running: next.unit, start: next.start });
    const { startedAt, since } = next;
    Object.assign(slot, { incarnation: next.incarnation, startedAt, since, state: "starting" });
    this.#policy.decide({ type: "started", slot: unit }, performance.now());
    if (next.ready) {
      slot.state = "ready";
      this.#awaitHealth(slot, performance.now() - next.readyAt);
    }
    if (!old) return;
    slot.leaving.set(old, incarnation);
    await end(old);
  }

  /** Ends a slot's next incarnation in its own way; the running one goes on. Resolves when it is gone. */
  async discard(unit: string, end: (unit: U) => Promise<unknown>): Promise<void> {
    const slot = this.#slot(unit);
    if (!slot.next) return;
    const { unit: given, incarnation } = slot.next;
    slot.next = undefined;
    slot.leaving.set(given, incarnation);
    await end(given);
  }

  /**
   * Has a unit go on that is being ended after `promote`: for the `end` that was given there. It is the group's until it
   * is gone, ends with the group's `stop` and `kill` like all others, and outlives its slot and the restart policy's verdict.
   */
  keep(unit: U): void {
    const slot = this.#slots.find(({ leaving }) => leaving.has(unit));
    const incarnation = slot?.leaving.get(unit);
    if (!slot || incarnation === undefined) return;
    slot.leaving.delete(unit);
    this.#kept.set(unit, { slot: slot.unit, incarnation, unit });
    this.#tell({ type: "kept", unit: slot.unit, incarnation });
  }

  /**
   * Adds a slot and starts its unit; resolves when it is ready. When it can't start, there is no such slot and this
   * rejects with its error.
   */
  async add(unit: string, start: StartUnit<U>): Promise<void> {
    const slot = emptySlot(unit, start);
    slot.onTrial = true;
    this.#slots = [...this.#slots, slot];
    this.limits = this.#limits;
    const running = this.#spawn(slot);
    try {
      await running.ready;
      slot.onTrial = false;
    } catch (error) {
      await this.remove(unit, (failed) => {
        failed.kill();
        return failed.exited;
      });
      throw error;
    }
  }

  /** Takes a slot away and ends its unit in its own way. Resolves when it is gone. */
  async remove(unit: string, end: (unit: U) => Promise<unknown>): Promise<void> {
    const slot = this.#slot(unit);
    clearTimeout(slot.timer);
    this.#slots = this.#slots.filter((other) => other !== slot);
    this.limits = this.#limits;
    this.#policy.decide({ type: "removed", slot: unit }, performance.now());
    const units = unitsOf(slot);
    Object.assign(slot, { running: undefined, next: undefined, state: "stopped" });
    for (const each of units) this.#removed.add(each);
    await Promise.all([...units].map((each) => (slot.leaving.has(each) ? each.exited : end(each))));
    for (const each of units) this.#removed.delete(each);
  }

  /** Ends every unit in its own way and restarts none. Resolves when all are gone. */
  async stop(end: (unit: U) => Promise<unknown>): Promise<void> {
    this.#stopping = true;
    this.#givenUp = undefined;
    const leaving = [...this.#removed];
    await Promise.all([
      ...leaving.map((unit) => unit.exited),
      ...[...this.#kept.keys()].map((unit) => end(unit)),
      // What is leaving is being ended already.
      ...this.#slots.map((slot) => this.#endSlot(slot, (unit) => (slot.leaving.has(unit) ? unit.exited : end(unit)))),
    ]);
  }

  /**
   * After the policy gave up: starts a unit in every slot that has none, with nothing on record. Does nothing when a stop
   * came first.
   */
  async revive(): Promise<void> {
    await this.#givenUp;
    // A stop may have come meanwhile.
    if (!this.#givenUp) return;
    this.#givenUp = undefined;
    this.#policy = new RestartPolicy(groupLimits(this.#limits, this.#slots.length));
    for (const slot of this.#slots) if (!slot.running) this.#spawn(slot);
  }

  /** Ends every unit at once and restarts none. Resolves when all are gone. */
  async kill(): Promise<void> {
    this.#stopping = true;
    this.#givenUp = undefined;
    const others = [...this.#removed, ...this.#kept.keys()];
    await Promise.all([
      ...others.map((unit) => killed(unit)),
      ...this.#slots.map((slot) => this.#endSlot(slot, killed)),
    ]);
  }

  /** Ends every running unit at once: what replaces one, leaves or is kept has its own end. */
  #giveUp(unit: string): void {
    const why: Exit = { cause: "planned", text: `ended with the others, as ${unit} was restarted too often` };
    const ending = this.#slots.map(async (slot) => {
      clearTimeout(slot.timer);
      if (slot.state !== "failed") slot.state = slot.running ? "stopping" : "stopped";
      if (slot.running) await killed(slot.running, why);
    });
    this.#givenUp = Promise.all(ending);
  }

  async #endSlot(slot: MutableSlot<U>, end: (unit: U) => Promise<unknown>): Promise<void> {
    clearTimeout(slot.timer);
    if (slot.running) slot.state = "stopping";
    await Promise.all([...unitsOf(slot)].map((unit) => end(unit)));
    if (slot.state !== "failed") slot.state = "stopped";
  }

  #slot(unit: string): MutableSlot<U> {
    const slot = this.#slots.find((each) => each.unit === unit);
    if (!slot) throw new Error(`there is no slot ${unit}`);
    return slot;
  }

  #tell(event: UnitEvent): void {
    this.#options.onEvent(event);
    for (const watcher of this.#watchers) watcher(event);
  }

  #spawn(slot: MutableSlot<U>): U {
    slot.incarnation = ++slot.incarnations;
    slot.state = "starting";
    slot.startedAt = Date.now();
    slot.since = performance.now();
    this.#policy.decide({ type: "started", slot: slot.unit }, performance.now());
    const unit = slot.start(slot.unit, slot.incarnation);
    slot.running = unit;
    unit.ready.then(
      () => {
        if (slot.running === unit) this.#onReady(slot);
      },
      () => {
        // It ends, or is being ended: `exited` says why.
      },
    );
    const { incarnation } = slot;
    void unit.exited.then((exit) => this.#onExit(slot, unit, incarnation, exit));
    return unit;
  }

  #onReady(slot: MutableSlot<U>): void {
    if (slot.state !== "starting") return;
    slot.state = "ready";
    this.#awaitHealth(slot, 0);
    this.#tell({ type: "ready", unit: slot.unit, incarnation: slot.incarnation });
  }

  #awaitHealth(slot: MutableSlot<U>, readyFor: number): void {
    slot.timer = setTimeout(
      () => this.#policy.decide({ type: "healthy", slot: slot.unit }, performance.now()),
      Math.max(0, this.#limits.healthyAfter - readyFor),
    ).unref();
  }

  #onExit(slot: MutableSlot<U>, gone: U, incarnation: number, exit: Exit): void {
    const { unit } = slot;
    if (this.#kept.delete(gone)) {
      this.#tell({ type: "exited", unit, incarnation, exit });
      if (!isRequested(exit.cause)) this.#tell({ type: "left", unit });
      return;
    }
    slot.leaving.delete(gone);
    if (slot.running !== gone) {
      if (slot.next?.unit === gone) slot.next = undefined;
      else slot.lastExit = exit;
      this.#tell({ type: "exited", unit, incarnation, exit });
      return;
    }
    clearTimeout(slot.timer);
    slot.running = undefined;
    slot.lastExit = exit;
    this.#tell({ type: "exited", unit, incarnation, exit });
    if (this.#givenUp) slot.state = "stopped";
    if (this.#stopping || this.#givenUp || slot.onTrial) return;

    const decision = this.#policy.decide(
      { type: "exited", slot: unit, reason: exit.cause, detail: exit.text },
      performance.now(),
    );
    if (decision.action === "restart") {
      slot.state = "backoff";
      slot.timer = setTimeout(() => this.#spawn(slot), decision.delayMs);
      this.#tell({ type: "backoff", unit, delayMs: decision.delayMs, attempt: decision.attempt });
    } else if (decision.action === "escalate") {
      slot.state = "failed";
      this.#giveUp(unit);
      this.#tell({ type: "gave-up", unit, reason: decision.reason });
    } else {
      slot.state = "stopped";
      this.#tell({ type: "left", unit });
    }
  }
}

function emptySlot<U extends Unit>(unit: string, start: StartUnit<U>): MutableSlot<U> {
  return {
    unit,
    state: "starting",
    incarnation: 0,
    incarnations: 0,
    startedAt: 0,
    since: 0,
    lastExit: undefined,
    running: undefined,
    next: undefined,
    leaving: new Map(),
    start,
    onTrial: false,
    timer: undefined,
  };
}

function killed(unit: Unit, why?: Exit): Promise<Exit> {
  unit.kill(why);
  return unit.exited;
}

/** Every unit of a slot that is not gone. */
function unitsOf<U extends Unit>({ running, next, leaving }: MutableSlot<U>): Set<U> {
  const units = new Set(leaving.keys());
  if (running) units.add(running);
  if (next) units.add(next.unit);
  return units;
}
