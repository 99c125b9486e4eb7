// The `restart` key: how often the units of each tier may be restarted.
import { defaultRestart, type Tier } from "@plait/policy";
import { z } from "zod";
import type { ServiceConfig } from "./deployment.ts";
import { formatDuration } from "./duration.ts";
import { durationKey } from "./duration-schema.ts";
import { key } from "./key.ts";

const count = z.int().min(0);

export const restart: z.ZodType<ServiceConfig["restart"]> = key(
  z
    .strictObject({
      thread: restartTier("thread", "its process", "roll"),
      process: restartTier("process", "the service", "live"),
      service: restartTier("service", "the supervisor (exit code 70)", "live"),
    })
    .prefault({}),
  {
    description: "What happens when a unit ends that nobody asked to end.",
    expects: "an object of thread, process and service",
    example: { thread: { intensity: 5, period: "30s" } },
    apply: "live",
  },
);

function restartTier(tier: Tier, owner: string, apply: "live" | "roll") {
  const defaults = defaultRestart[tier];
  const { backoff } = defaults;
  const shape = z.strictObject({
    when: key(z.enum(["always", "on-failure", "never"]).prefault(defaults.when), {
      description: `Which ends of a ${tier} lead to a restart. An end that was asked for never does.`,
      expects: '"always", "on-failure" or "never"',
      example: "on-failure",
      apply,
    }),
    intensity: key(count.prefault(defaults.intensity), {
      description: `Restarts of each ${tier} that are forgiven within \`period\`. A group of n is forgiven n times as many, whichever of them they are; one more fails ${owner}.`,
      expects: "a whole number of at least 0",
      example: defaults.intensity,
      apply,
    }),
    period: durationKey(defaults.period, "The sliding window of `intensity`, counted in time spent healthy.", apply),
    backoff: key(
      z
        .strictObject({
          initial: durationKey(backoff.initial, "The first wait before a restart.", apply),
          factor: key(z.number().min(1).prefault(backoff.factor), {
            description: "Growth of the wait from one attempt to the next.",
            expects: "a number of at least 1",
            example: 2,
            apply,
          }),
          cap: durationKey(backoff.cap, "The longest wait.", apply),
          resetAfter: durationKey(backoff.resetAfter, "Healthy this long, a unit starts again from `initial`.", apply),
        })
        .prefault({}),
      {
        description: "How the wait before a restart grows. Every wait is jittered.",
        expects: "an object of initial, factor, cap and resetAfter",
        example: { initial: "100ms", cap: "30s" },
        apply,
      },
    ),
    healthyAfter: durationKey(
      defaults.healthyAfter,
      "A unit is healthy once it has been ready this long, or has served its first connection.",
      apply,
    ),
  });
  return key(shape.prefault({}), {
    description: `How often a ${tier} may be restarted before ${owner} has to answer for it.`,
    expects: "an object of when, intensity, period, backoff and healthyAfter",
    example: { intensity: defaults.intensity, period: formatDuration(defaults.period) },
    apply,
  });
}
