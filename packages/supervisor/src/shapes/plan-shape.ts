// The shapes of a configuration that is complete, and of what a change of it would touch.
import type { KeyChange } from "@plait/config";
import { z } from "zod";
import type { Plan } from "../plan.ts";

const keyChange: z.ZodType<KeyChange> = z.strictObject({
  key: z.string().describe('such as "topology.threads"'),
  from: z.unknown().describe("left out when it was not set"),
  to: z.unknown().describe("left out when it is not set"),
  apply: z.enum(["live", "roll", "restart"]),
});

export const planShape: z.ZodType<Plan> = z.strictObject({
  name: z.string(),
  file: z.string().nullable().describe("what was compared with; null for a module with flags"),
  keys: z.array(keyChange).describe("keys for all services that differ: they take a restart of the supervisor"),
  changes: z.array(
    z.strictObject({
      service: z.string(),
      change: z.enum(["none", "live", "roll", "restart", "added", "removed"]),
      keys: z.array(keyChange),
    }),
  ),
});

/** Its keys are those of the configuration's reference, so they are not listed once more. */
export const deploymentShape: z.ZodType = z.looseObject({
  name: z.string(),
  services: z.array(z.looseObject({ name: z.string(), entry: z.string() })),
});
