// The `recycle` key: when a healthy unit is replaced.
import { defaultRecycling } from "@plait/policy";
import { z } from "zod";
import type { ServiceConfig } from "./deployment.ts";
import { durationExpects, durationKey, durationSchema } from "./duration-schema.ts";
import { key } from "./key.ts";
import { sizeExpects, sizeSchema } from "./size-schema.ts";

export const recycle: z.ZodType<ServiceConfig["recycle"]> = key(
  z
    .strictObject({
      memory: key(sizeSchema.optional(), {
        description:
          "A process whose resident memory is above this is replaced. Each process's own limit is up to a tenth more or less, so that they don't reach it together; so are the next two. Left out: never.",
        expects: sizeExpects,
        example: "1GiB",
        apply: "live",
      }),
      age: key(durationSchema.optional(), {
        description: "A process that is older is replaced. Left out: never.",
        expects: durationExpects,
        example: "24h",
        apply: "live",
      }),
      connections: key(z.int().min(1).optional(), {
        description: "A process that has accepted so many connections is replaced. Left out: never.",
        expects: "a whole number of at least 1",
        example: 1_000_000,
        apply: "live",
      }),
      threadHeap: key(sizeSchema.optional(), {
        description:
          "A thread that uses more of its JavaScript heap, garbage included, is replaced. Each thread's own limit is up to a tenth more or less; so is the next one. Left out: never.",
        expects: sizeExpects,
        example: "256MiB",
        apply: "roll",
      }),
      threadAge: key(durationSchema.optional(), {
        description: "A thread that is older is replaced. Left out: never.",
        expects: durationExpects,
        example: "6h",
        apply: "roll",
      }),
      minLifetime: durationKey(
        defaultRecycling.minLifetime,
        "A process or a thread that serves for less is not replaced, whatever it has reached.",
        "live",
      ),
    })
    .prefault({}),
  {
    description:
      "When a healthy process or thread is replaced: new before old, one at a time, and none while another one of the service, or of the process, is missing.",
    expects: "an object of memory, age, connections, threadHeap, threadAge and minLifetime",
    example: { memory: "1GiB" },
    apply: "live",
  },
);
