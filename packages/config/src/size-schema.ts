// How a size is checked wherever a configuration has one.
import { z } from "zod";
import { parseSize } from "./size.ts";

/** A size as people write it, in bytes as programs want it. */
export const sizeSchema: z.ZodType<number, number | string> = z
  .union([z.number().min(1), z.string().regex(/^\d+(\.\d+)?\s?([KMGT]i?)?B$/)])
  .transform((written) => parseSize(written) ?? 0);

/** How it follows "write" in a message. */
export const sizeExpects = 'a size such as "64KiB", or a number of bytes';
