// Writes latencies in Prometheus' text format: prom-client's own histograms count what they observe, and these are counted
// already, in the processes.
import { type Latency, type LatencyKind, latencyBounds, latencyKinds } from "../latency-kinds.ts";
import type { SupervisorStatus } from "../status.ts";

const names: Readonly<Record<LatencyKind, readonly [name: string, help: string]>> = {
  accept: ["plait_accept_seconds", "From the accept of a connection to the start of its coroutine."],
  scheduling: ["plait_coroutine_scheduling_seconds", "How late coroutines run that a timer has woken, by samples."],
  loop: ["plait_loop_delay_seconds", "How late timers are in the threads that serve, by samples."],
};

/** One histogram of each kind for every process; one that is replaced begins at 0 again. */
export function latencyText({ services }: SupervisorStatus): string {
  const lines = latencyKinds.flatMap((kind) => {
    const [name, help] = names[kind];
    const series = services.flatMap(({ name: service, processes }) =>
      processes.flatMap(({ unit, latencies }) =>
        latencies ? histogram(name, `service="${service}",unit="${unit}"`, latencies[kind]) : [],
      ),
    );
    return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...series];
  });
  return `${lines.join("\n")}\n`;
}

function histogram(name: string, labels: string, { buckets, sumMs }: Latency): string[] {
  let count = 0;
  const lines = buckets.map((number, place) => {
    count += number;
    const bound = latencyBounds[place];
    return `${name}_bucket{le="${bound === undefined ? "+Inf" : bound / 1_000}",${labels}} ${count}`;
  });
  return [...lines, `${name}_sum{${labels}} ${Math.round(sumMs * 1_000) / 1e6}`, `${name}_count{${labels}} ${count}`];
}
