// How often each tier may be restarted before its parent has to answer for it.
import { type BackoffLimits, defaultBackoff } from "./backoff.ts";

/** What is restarted. A thread escalates to its process, that to its service, and that to the exit code. */
export type Tier = "thread" | "process" | "service";

/** Which ends lead to a restart: every one, failures only, or none. An end that was asked for never does. */
export type RestartWhen = "always" | "on-failure" | "never";

/** What a unit is allowed, and by {@link groupLimits} a group of them. Times in milliseconds. */
export interface RestartLimits {
  /** Default `always`: a serving unit has no reason to end by itself. */
  readonly when: RestartWhen;
  /** Restarts that are forgiven within `period`; one more escalates. 0 escalates at once. */
  readonly intensity: number;
  /** The sliding window of `intensity`. */
  readonly period: number;
  readonly backoff: BackoffLimits;
  /** A unit is healthy once it has been ready this long, or has served its first connection. Default 10 000. */
  readonly healthyAfter: number;
}

/**
 * The defaults, for each unit: a thread 5 times in 30 s, a process 5 times in 60 s, a service 3 times in 300 s.
 *
 * First the burst that one incident may cost, then the rate that may go on for ever (OTP design principles, "Tuning the
 * intensity and period"). A connection's coroutine is never restarted.
 */
export const defaultRestart: Readonly<Record<Tier, RestartLimits>> = {
  thread: limits(5, 30_000),
  process: limits(5, 60_000),
  service: limits(3, 300_000),
};

/**
 * What a group of `slots` units may do together, if each of them may do `limits`. It scales with the group, so that the
 * death of all its units at once is one incident, however many they are.
 */
export function groupLimits(limits: RestartLimits, slots: number): RestartLimits {
  return { ...limits, intensity: limits.intensity * Math.max(1, slots) };
}

function limits(intensity: number, period: number): RestartLimits {
  return { when: "always", intensity, period, backoff: defaultBackoff, healthyAfter: 10_000 };
}
