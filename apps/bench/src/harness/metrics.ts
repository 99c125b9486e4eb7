// What loads are measured by, the same in every benchmark.
import type { Metric } from "./benchmark.ts";
import type { Loaded } from "./load.ts";

export const perSecond: Metric = { name: "per second", unit: "messages/s", better: "more" };
export const cpuPerMessage: Metric = { name: "CPU a message", unit: "µs", better: "less" };
export const p50: Metric = { name: "p50", unit: "ms", better: "less" };
export const p99: Metric = { name: "p99", unit: "ms", better: "less" };
export const p999: Metric = { name: "p99.9", unit: "ms", better: "less" };

/**
 * The values of a load by these metrics.
 *
 * @param weight messages of one round trip: 32 lines in a packet are 32
 */
export function loadValues(loaded: Loaded, weight = 1): Record<string, number> {
  const messages = loaded.counts.reduce((sum, count) => sum + count, 0) * weight;
  const values: Record<string, number> = { [perSecond.name]: messages / loaded.seconds };
  if (loaded.serverMs !== null && messages > 0) values[cpuPerMessage.name] = (loaded.serverMs * 1000) / messages;
  if (loaded.latency) {
    values[p50.name] = loaded.latency.p50;
    values[p99.name] = loaded.latency.p99;
    values[p999.name] = loaded.latency.p999;
  }
  return values;
}
