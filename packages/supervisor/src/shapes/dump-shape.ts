// The shape of what every unit is doing.
import { z } from "zod";

const task = z.strictObject({
  id: z.int(),
  name: z.string(),
  state: z.enum(["ready", "running", "waiting", "cancelling", "done"]),
  parent: z.int().optional().describe("the task that owns it; left out: none"),
  daemon: z.boolean(),
  waitingOn: z.string().optional().describe('such as "recv on channel orders"'),
  waitingMs: z.number(),
  at: z.array(z.string()).describe("the line that it stands at"),
  spawnedAt: z.string().optional(),
  cpuMs: z.number(),
  resumes: z.int(),
  locals: z.record(z.string(), z.string()).optional().describe("its variables, when they were asked for"),
});

const thread = {
  unit: z.string(),
  incarnation: z.int().min(1),
  tasks: z.array(task).nullable().describe("owners before what they own; null when it did not tell"),
  blocked: z
    .strictObject({ frames: z.array(z.string()), running: z.string().optional() })
    .nullable()
    .describe("where it is stuck: its stack, and the coroutine"),
};

/** As it is in JSON: what is undefined is left out. */
export const serviceDumpShape: z.ZodType = z.strictObject({
  name: z.string(),
  processes: z.array(z.strictObject({ ...thread, threads: z.array(z.strictObject(thread)) })),
});
