// Serves a service in processes of its own.
import type { UnitEvent } from "@plait/policy";
import { ProcessGroup, type ProcessGroupOptions, type StopBudget } from "@plait/process";
import type { BodyEvent, BodyOptions } from "./body.ts";
import { moduleBeside } from "./module-beside.ts";
import { addCounts, noConnections, type ProcessShare, type ProcessStatus } from "./status.ts";

/** How long a process may take to answer for `status`, in ms; past it the last known counters are shown. */
const STATUS_MS = 600;

export interface InProcessesOptions
  extends Pick<ProcessGroupOptions, "units" | "sockets" | "startTimeout" | "restart"> {
  readonly body: BodyOptions;
  readonly onEvent: (event: UnitEvent) => void;
  readonly onTold: (unit: string, event: BodyEvent) => void;
}

const NOTHING: ProcessShare = { ...noConnections, waiting: 0, full: false, threads: [] };

/** Owns the processes until `stop` has resolved. */
export class InProcesses {
  readonly #group: ProcessGroup;
  /** The running incarnation's last answer. */
  readonly #seen: Map<string, ProcessShare>;
  /** Counts of incarnations that have ended, as far as they were known. */
  readonly #past: Map<string, ProcessShare>;

  private constructor(group: ProcessGroup, seen: Map<string, ProcessShare>, past: Map<string, ProcessShare>) {
    this.#group = group;
    this.#seen = seen;
    this.#past = past;
  }

  static async start(options: InProcessesOptions): Promise<InProcesses> {
    const seen = new Map<string, ProcessShare>();
    const past = new Map<string, ProcessShare>();
    const group = await ProcessGroup.start({
      ...options,
      exec: moduleBeside("process-main"),
      onTold: (unit, event) => options.onTold(unit, event as BodyEvent),
      onEvent: (event) => {
        if (event.type === "exited") {
          const last = seen.get(event.unit) ?? NOTHING;
          const gone = { ...last, connections: 0, lost: last.lost + last.connections };
          past.set(event.unit, { ...NOTHING, ...addCounts(past.get(event.unit) ?? NOTHING, gone) });
          seen.delete(event.unit);
        }
        options.onEvent(event);
      },
    });
    return new InProcesses(group, seen, past);
  }

  async status(): Promise<readonly ProcessStatus[]> {
    return Promise.all(
      this.#group.slots.map(async ({ unit, state, incarnation, startedAt, lastExit, running }) => {
        if (running && state !== "starting") {
          const share = await running.call("share", [], STATUS_MS).catch(() => undefined);
          if (share) this.#seen.set(unit, share as ProcessShare);
        }
        const now = this.#seen.get(unit) ?? NOTHING;
        const counts = addCounts(this.#past.get(unit) ?? NOTHING, now);
        const pid = running?.pid ?? null;
        return { unit, state, pid, incarnation, startedAt, lastExit: lastExit?.text ?? null, ...now, ...counts };
      }),
    );
  }

  async stop(budget: StopBudget, hurry: AbortSignal): Promise<void> {
    await this.#group.stop(budget, hurry);
  }
}
