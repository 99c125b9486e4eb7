// How a duration is checked wherever a configuration has one.
import { z } from "zod";
import { formatDuration, parseDuration } from "./duration.ts";
import { type Apply, key } from "./key.ts";

/** A duration as people write it, in milliseconds as programs want it. */
export const durationSchema: z.ZodType<number, number | string> = z
  .union([z.number().min(0), z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/)])
  .transform((written) => parseDuration(written) ?? 0);

/** One that is more than nothing, where 0 would mean "at once". */
export const positiveDurationSchema: typeof durationSchema = durationSchema.refine((ms) => ms >= 1);

/** How it follows "write" in a message. */
export const positiveDurationExpects =
  'a duration of at least 1ms, such as "30s", "500ms" or "1.5m", or a number of milliseconds';

/** How it follows "write" in a message. */
export const durationExpects = 'a duration such as "30s", "500ms" or "1.5m", or a number of milliseconds';

/** A key that is a duration. `byDefault` is in ms. */
export function durationKey(
  byDefault: number,
  description: string,
  apply: Apply,
): z.ZodPrefault<typeof durationSchema> {
  const written = formatDuration(byDefault);
  return key(durationSchema.prefault(written), { description, expects: durationExpects, example: written, apply });
}
