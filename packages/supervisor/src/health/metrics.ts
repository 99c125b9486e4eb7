// The supervisor's metrics, in Prometheus' words.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isRequested } from "@plait/policy";
import type { ThreadUsage } from "@plait/thread";
import { Counter, Gauge, Registry } from "prom-client";
import type { ProcessUsage } from "../process-usage.ts";
import type { ProcessCounts, ServiceStatus, SupervisorStatus } from "../status.ts";
import type { SupervisorEvent } from "../supervisor-event.ts";
import { latencyText } from "./latency-text.ts";

/** The supervisor's own process, among the units. */
const SUPERVISOR = "supervisor";

/** Owns a timer that measures the event loop, until `close()`. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });
  /** Why the unit's last incarnation ended, until its next one is ready. */
  readonly #ended = new Map<string, string>();
  #rendering: Promise<string> | undefined;

  readonly #info = this.#gauge("plait_info", "Always 1; what runs.", ["name", "node"]);
  readonly #units = this.#gauge("plait_units", "Processes and threads by state.", ["service", "tier", "state"]);
  readonly #live = this.#gauge("plait_connections", "Connections being served.", ["service", "unit"]);
  readonly #waiting = this.#gauge("plait_connections_waiting", "Accepted connections that wait for a coroutine.", [
    "service",
    "unit",
  ]);
  readonly #kept = this.#gauge(
    "plait_kept_processes",
    "Processes of older generations that go on with their connections.",
    ["service", "generation"],
  );
  readonly #keptLive = this.#gauge(
    "plait_kept_connections",
    "Connections that processes of older generations serve; plait_connections has them too.",
    ["service", "generation"],
  );
  readonly #keptMemory = this.#gauge(
    "plait_kept_resident_memory_bytes",
    "Resident memory of processes of older generations.",
    ["service", "generation"],
  );
  readonly #accepted = this.#counter("plait_connections_accepted_total", "Connections that were accepted.", [
    "service",
  ]);
  readonly #ends = this.#counter("plait_connections_ended_total", "Connections that ended, by outcome.", [
    "service",
    "outcome",
  ]);
  readonly #restarts = this.#counter("plait_restarts_total", "Restarts of units, by why the last incarnation ended.", [
    "service",
    "tier",
    "cause",
  ]);
  readonly #memory = this.#gauge("plait_process_resident_memory_bytes", "Resident memory of a process.", ["unit"]);
  readonly #cpu = this.#gauge("plait_process_cpu_seconds", "CPU time since the process started.", ["unit"]);
  readonly #threadLoop = this.#gauge(
    "plait_thread_loop_utilization",
    "Share of the time since it was last asked in which a thread's event loop was busy, 0 to 1.",
    ["unit"],
  );
  readonly #threadCpu = this.#gauge("plait_thread_cpu_seconds", "CPU time since the thread started.", ["unit"]);
  readonly #threadHeap = this.#gauge("plait_thread_heap_bytes", "JavaScript heap that a thread uses.", ["unit"]);
  readonly #threadGc = this.#gauge(
    "plait_thread_gc_seconds",
    "Time that garbage collection has held the thread up since it started.",
    ["unit"],
  );
  readonly #loop = this.#gauge(
    "plait_supervisor_loop_delay_seconds",
    "Event-loop delay of the supervisor since the last scrape.",
    ["quantile"],
  );

  constructor() {
    this.#delay.enable();
  }

  readonly contentType: string = this.#registry.contentType;

  /** Counts what is known only from events. */
  observe(event: SupervisorEvent): void {
    const unit = "unit" in event ? event.unit : "";
    if (event.type === "left") this.#ended.delete(unit);
    if (event.type === "exited" && !isRequested(event.exit.cause)) this.#ended.set(unit, event.exit.cause);
    const cause = this.#ended.get(unit);
    if (event.type !== "ready" || cause === undefined) return;
    this.#ended.delete(unit);
    this.#restarts.inc({ service: event.service, tier: unit.includes(".") ? "thread" : "process", cause });
  }

  /** Everything as text. Asks `status` once for all who ask at the same time. */
  render(status: () => Promise<SupervisorStatus>): Promise<string> {
    this.#rendering ??= this.#render(status).finally(() => {
      this.#rendering = undefined;
    });
    return this.#rendering;
  }

  close(): void {
    this.#delay.disable();
  }

  async #render(ask: () => Promise<SupervisorStatus>): Promise<string> {
    const status = await ask();
    const fresh = [
      this.#info,
      this.#units,
      this.#live,
      this.#waiting,
      this.#kept,
      this.#keptLive,
      this.#keptMemory,
      this.#accepted,
      this.#ends,
      this.#memory,
      this.#cpu,
      this.#threadLoop,
      this.#threadCpu,
      this.#threadHeap,
      this.#threadGc,
    ];
    for (const metric of fresh) metric.reset();
    this.#info.set({ name: status.name, node: status.node }, 1);
    for (const service of status.services) this.#service(service);
    this.#usage(SUPERVISOR, status.usage);
    for (const { unit, pid, usage } of status.services.flatMap(({ processes }) => processes)) {
      // A service with 0 processes is served by the supervisor's own.
      if (pid !== status.pid) this.#usage(unit, usage);
    }
    for (const quantile of [0.5, 0.9, 0.99]) {
      this.#loop.set({ quantile: String(quantile) }, this.#delay.percentile(quantile * 100) / 1e9);
    }
    this.#loop.set({ quantile: "1" }, this.#delay.max / 1e9);
    this.#delay.reset();
    return `${await this.#registry.metrics()}${latencyText(status)}`;
  }

  #usage(unit: string, usage: ProcessUsage | null): void {
    if (!usage) return;
    this.#memory.set({ unit }, usage.memory);
    this.#cpu.set({ unit }, usage.cpuMs / 1_000);
  }

  #thread(unit: string, usage: ThreadUsage | null): void {
    if (!usage) return;
    this.#threadLoop.set({ unit }, usage.utilization);
    this.#threadCpu.set({ unit }, usage.cpuMs / 1_000);
    this.#threadHeap.set({ unit }, usage.heapUsed);
    this.#threadGc.set({ unit }, usage.gcMs / 1_000);
  }

  #service({ name: service, processes, kept, removed }: ServiceStatus): void {
    for (const process of processes) {
      const { unit, state, threads } = process;
      this.#units.inc({ service, tier: "process", state });
      for (const thread of threads) {
        this.#units.inc({ service, tier: "thread", state: thread.state });
        this.#thread(thread.unit, thread.usage);
      }
      this.#connections(service, unit, process);
    }
    for (const process of kept) {
      const { generation, connections, usage } = process;
      this.#kept.inc({ service, generation });
      this.#keptLive.inc({ service, generation }, connections);
      this.#keptMemory.inc({ service, generation }, usage?.memory ?? 0);
    }
    for (const slot of removed) this.#connections(service, slot.unit, slot);
  }

  #connections(service: string, unit: string, { connections, waiting, total, outcomes, lost }: ProcessCounts): void {
    this.#accepted.inc({ service }, total);
    this.#live.inc({ service, unit }, connections);
    this.#waiting.inc({ service, unit }, waiting);
    for (const [outcome, count] of Object.entries({ ...outcomes, lost })) this.#ends.inc({ service, outcome }, count);
  }

  #gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }
}
