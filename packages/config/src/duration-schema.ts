// How a duration is checked wherever a configuration has one.
import { z } from "zod";
import { parseDuration } from "./duration.ts";

/** A duration as people write it, in milliseconds as programs want it. */
export const durationSchema: z.ZodType<number, number | string> = z
  .union([z.number().min(0), z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/)])
  .transform((written) => parseDuration(written) ?? 0);

/** How it follows "write" in a message. */
export const durationExpects = 'a duration such as "30s", "500ms" or "1.5m", or a number of milliseconds';
