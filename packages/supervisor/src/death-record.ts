// Remembers how units ended, and what the supervisor did next: what `supervisor why` tells.
import { type ExitCause, isRequested, type Unfinished, type UnitEvent } from "@plait/policy";
import type { BodyEvent } from "./body.ts";
import { LastLines } from "./last-lines.ts";
import type { UnitRecord } from "./status.ts";
import { isAddressed } from "./unit-id.ts";

/** One end of a unit. */
export interface Death {
  readonly service: string;
  /** For example `"p2"` or `"p2.t1"`. */
  readonly unit: string;
  readonly incarnation: number;
  /** That of its process: a thread's begins with 1 again in each of them. */
  readonly processIncarnation: number;
  /** When, in ms since the epoch. */
  readonly at: number;
  readonly cause: ExitCause;
  /** The sentence of logs and `status`. */
  readonly text: string;
  /** What the supervisor, or for a thread its process, did next; null when nothing was to be done. */
  readonly next: string | null;
  /** Where it stood that did not go on; null when it did, or that could not be told. */
  readonly stack: {
    /** Innermost first. */
    readonly frames: readonly string[];
    /** The coroutine that was running, with the connection's id first; null when it was none. */
    readonly running: string | null;
  } | null;
  /** What its drain did not wait out; null when there was nothing, or it did not drain. */
  readonly unfinished: Unfinished | null;
  /** The last lines that it had written on standard error, a process's threads included, oldest first. */
  readonly lastLines: readonly string[];
}

/** Deaths that are kept of each unit; the oldest go first. */
const PER_UNIT = 20;
/** Units that are kept; the one whose last death is the longest ago goes first. */
const UNITS = 200;

/** The deaths of a deployment's units, as many as fit. It owns nothing. */
export class DeathRecord {
  readonly #deaths = new Map<string, Death[]>();
  readonly #records = new Map<string, UnitRecord>();
  readonly #lines = new LastLines();

  /** Takes a line that a process wrote on standard error. */
  line(unit: string, incarnation: number, line: string): void {
    this.#lines.add(unit, incarnation, line);
  }

  /**
   * Takes what happened to a unit; what is no end, and nothing that follows one, is passed over.
   *
   * @param written the process that it is, or that it is a thread of: unit and incarnation
   */
  take(
    service: string,
    event: UnitEvent | BodyEvent,
    written: { readonly unit: string; readonly incarnation: number },
  ): void {
    const { unit } = event;
    if (event.type === "exited") {
      const { incarnation, exit } = event;
      // A thread's lines come with its end: its process's pipe may be read only after the channel that tells it.
      const lastLines = "lastLines" in event ? event.lastLines : this.#lines.of(written.unit, written.incarnation);
      if (unit === written.unit) this.#lines.forget(written.unit, written.incarnation);
      if (!isRequested(exit.cause)) {
        const lastFailure = { at: Date.now(), text: exit.text };
        this.#records.set(unit, { failures: this.recordOf(unit).failures + 1, lastFailure });
      }
      const { unfinished = null, cause, text } = exit;
      const stack = exit.stack ? { frames: exit.stack.frames, running: exit.stack.running ?? null } : null;
      const processIncarnation = written.incarnation;
      const what = { service, unit, incarnation, processIncarnation, at: Date.now() };
      const death: Death = { ...what, cause, text, next: null, stack, unfinished, lastLines };
      const deaths = [...(this.#deaths.get(unit) ?? []), death].slice(-PER_UNIT);
      // Move the unit to the end: a map keeps the order in which its keys came.
      this.#deaths.delete(unit);
      this.#deaths.set(unit, deaths);
      const [oldest] = this.#deaths.keys();
      if (this.#deaths.size > UNITS && oldest !== undefined) this.#deaths.delete(oldest);
    } else if (event.type === "backoff") {
      this.#follow(unit, `started again after ${event.delayMs} ms (attempt ${event.attempt})`);
    } else if (event.type === "gave-up") {
      this.#follow(unit, `given up: ${event.reason}`);
    } else if (event.type === "left") {
      this.#follow(unit, "not started again");
    }
  }

  /** What went wrong with a unit, over all its incarnations. */
  recordOf(unit: string): UnitRecord {
    return this.#records.get(unit) ?? { failures: 0, lastFailure: null };
  }

  /** The deaths of the units that are meant by an id, or of all, the latest first. */
  of(addressed?: string): readonly Death[] {
    const deaths = [...this.#deaths.values()].flat();
    return deaths
      .filter(({ service, unit }) => addressed === undefined || isAddressed(addressed, service, unit))
      .toSorted((a, b) => b.at - a.at);
  }

  #follow(unit: string, next: string): void {
    const deaths = this.#deaths.get(unit) ?? [];
    const last = deaths.pop();
    if (last) deaths.push({ ...last, next });
  }
}
