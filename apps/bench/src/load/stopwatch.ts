// The measured time of a load: when it began, the processor time that the load itself took, and the round trips in it.
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { LoadReply, LoadSeen } from "./wire.ts";

export class Stopwatch {
  readonly #latency: RecordableHistogram = createHistogram({ figures: 3 });
  #began = 0;
  #processor: NodeJS.CpuUsage = process.cpuUsage();
  running = false;
  errors = 0;

  /** Begins the measured time, and tells the harness. */
  begin(): void {
    tell({ at: "begin" });
    this.errors = 0;
    this.#latency.reset();
    this.#processor = process.cpuUsage();
    this.#began = performance.now();
    this.running = true;
  }

  /** Notes a round trip that began at `from`, if time is being measured. */
  note(from: number): void {
    if (this.running) this.#latency.record(Math.max(1, Math.round((performance.now() - from) * 1e6)));
  }

  /** Ends the measured time, and tells the harness. */
  end(counts: readonly number[]): void {
    this.running = false;
    const seconds = (performance.now() - this.#began) / 1000;
    const { user, system } = process.cpuUsage(this.#processor);
    tell({
      at: "end",
      seen: {
        seconds,
        counts,
        latency: this.#percentiles(),
        errors: this.errors,
        busy: (user + system) / 1e6 / seconds,
      },
    });
  }

  #percentiles(): LoadSeen["latency"] {
    if (this.#latency.count === 0) return null;
    const ms = (percentile: number) => this.#latency.percentile(percentile) / 1e6;
    return { p50: ms(50), p99: ms(99), p999: ms(99.9), max: this.#latency.max / 1e6 };
  }
}

function tell(reply: LoadReply): void {
  process.send?.(reply);
}
