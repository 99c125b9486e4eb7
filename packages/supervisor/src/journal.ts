// What happens to the units and what they write: put into the log and the record of deaths, and told to whoever listens.
import type { UnitEvent } from "@plait/policy";
import type { OutputStream } from "@plait/process";
import type { BodyEvent, RecycleEvent } from "./body.ts";
import { DeathRecord } from "./death-record.ts";
import { describeEvent, eventLevel } from "./describe-event.ts";
import { levelOf } from "./logs/log-entry.ts";
import type { Logs } from "./logs/logs.ts";
import type { OutputLine } from "./output.ts";
import type { Incarnation } from "./supervised-service.ts";
import type { ServiceEvent, SupervisorEvent } from "./supervisor-event.ts";
import { readLine } from "./thread-lines.ts";

export interface JournalOptions {
  readonly onEvent: (event: SupervisorEvent) => void;
  readonly onOutput: (output: OutputLine) => void;
}

/** It owns nothing: the logs are closed by whoever opened them. */
export class Journal {
  readonly deaths: DeathRecord = new DeathRecord();
  readonly #logs: Logs;
  readonly #options: JournalOptions;

  constructor(logs: Logs, options: JournalOptions) {
    this.#logs = logs;
    this.#options = options;
  }

  /** Something happened to a service, or to a unit of it. */
  tell(service: string, event: UnitEvent | BodyEvent | RecycleEvent | ServiceEvent): void {
    const told: SupervisorEvent = { ...event, service };
    const text = describeEvent(told);
    const unit = "unit" in told ? told.unit : null;
    const level = eventLevel(told);
    if (text !== undefined) this.#logs.add({ at: Date.now(), service, unit, level, source: "supervisor", text });
    this.#options.onEvent(told);
  }

  /** The same of a unit that may have ended. */
  happened(service: string, event: UnitEvent | BodyEvent, process: Incarnation): void {
    this.deaths.take(service, event, process);
    this.tell(service, event);
  }

  /** A process, or one of its threads, wrote a line. */
  wrote(service: string, { unit, incarnation }: Incarnation, stream: OutputStream, line: string): void {
    const output = { ...readLine(unit, line), stream };
    if (stream === "stderr") this.deaths.line(unit, incarnation, output.line);
    const level = levelOf(stream, output.line);
    this.#logs.add({ at: Date.now(), service, unit: output.unit, level, source: stream, text: output.line });
    this.#options.onOutput(output);
  }
}
