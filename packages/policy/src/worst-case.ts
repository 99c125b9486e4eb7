// The most that a restart policy allows before the supervisor gives up: the arithmetic that `supervisor check` prints.
import type { RestartLimits, Tier } from "./restart-limits.ts";

/** The restarts of one tier. */
export interface WorstCaseStep {
  readonly tier: Tier;
  /** The most restarts of this tier, over the whole deployment's life, if nothing ever becomes healthy. */
  readonly restarts: number;
  /** The product it came from, for people. */
  readonly because: string;
}

/**
 * How often units of each tier are restarted, at most, before a service that never becomes healthy is given up.
 *
 * The product rule of supervision trees, made exact: a group of `n` units with intensity `i` is restarted `n × i` times
 * before its parent fails, and that happens in every life of the parent. A process group has `n + n × i` lives of a process
 * in each life of the service, and the service has `1 + i`. Restarts that health lies between are not bounded: they are what
 * the policy allows for ever.
 *
 * @param topology processes and threads, resolved; 0 leaves the tier out
 *
 * @example
 * ```ts
 * worstCase({ processes: 1, threads: 1 }, defaultRestart).map((step) => step.restarts);
 * // => [120, 20, 3]: threads, processes, services
 * ```
 */
export function worstCase(
  topology: { readonly processes: number; readonly threads: number },
  limits: { readonly [tier in "thread" | "process" | "service"]: RestartLimits },
): WorstCaseStep[] {
  const { processes, threads } = topology;
  const steps: WorstCaseStep[] = [];
  let lives = 1;
  let because = "";
  const tier = (name: WorstCaseStep["tier"], slots: number): void => {
    const { intensity, when } = limits[name];
    const each = when === "never" ? 0 : intensity * slots;
    const own = slots === 1 ? `${each}` : `${slots} × ${each / slots}`;
    steps.unshift({ tier: name, restarts: lives * each, because: `${own}${because}` });
    lives *= slots + each;
    because = ` in each of ${lives} lives of a ${name}`;
  };
  tier("service", 1);
  if (processes > 0) tier("process", processes);
  if (threads > 0) tier("thread", threads);
  return steps;
}
