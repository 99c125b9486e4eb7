// How often each tier may be restarted before its parent has to answer for it.
import { type BackoffLimits, defaultBackoff } from "./backoff.ts";

/** The tiers that are restarted, lowest first. Each escalates to the next; the last one to the exit code. */
export const tiers = ["coroutine", "thread", "process", "service"] as const;
export type Tier = (typeof tiers)[number];

/** Which ends lead to a restart: every one, failures only, or none. An end that was asked for never does. */
export type RestartWhen = "always" | "on-failure" | "never";

/** What a group of slots is allowed. Times in milliseconds. */
export interface RestartLimits {
  /** Default `always`: a serving unit has no reason to end by itself. */
  readonly when: RestartWhen;
  /** Restarts of the whole group that are forgiven within `period`; one more escalates. 0 escalates at once. */
  readonly intensity: number;
  /** The sliding window of `intensity`. */
  readonly period: number;
  readonly backoff: BackoffLimits;
  /** A unit is healthy once it has been ready this long, or has served its first connection. Default 10 000. */
  readonly healthyAfter: number;
}

/**
 * The defaults: 5 threads of a process in 30 s, 3 processes of a service in 60 s, 3 services in 300 s.
 *
 * First the burst that one incident may cost, then the rate that may go on for ever (OTP design principles, "Tuning the
 * intensity and period"). A connection's coroutine is never restarted: only long-lived coroutines have this tier.
 */
export const defaultRestart: Readonly<Record<Tier, RestartLimits>> = {
  coroutine: limits(10, 10_000),
  thread: limits(5, 30_000),
  process: limits(3, 60_000),
  service: limits(3, 300_000),
};

function limits(intensity: number, period: number): RestartLimits {
  return { when: "always", intensity, period, backoff: defaultBackoff, healthyAfter: 10_000 };
}
