// The shapes of what happened: entries of the log, and deaths.
import { z } from "zod";
import type { Death } from "../death-record.ts";
import { type LogEntry, levels } from "../logs/log-entry.ts";
import type { LogPage } from "../logs/log-query.ts";

const time = z.number().describe("ms since the epoch");

export const logEntryShape: z.ZodType<LogEntry> = z.strictObject({
  seq: z.int().min(1).describe("counts the entries of a supervisor"),
  at: time,
  service: z.string(),
  unit: z.string().nullable().describe("null for the service as a whole"),
  level: z.enum(levels),
  source: z.enum(["stdout", "stderr", "supervisor"]),
  text: z.string(),
});

export const logPageShape: z.ZodType<LogPage & { readonly ended: boolean }> = z.strictObject({
  entries: z.array(logEntryShape).describe("oldest first"),
  next: z.int().describe("ask for the following page with this as `after`"),
  skipped: z.int().describe("entries after `after` that are not kept any more"),
  more: z.boolean().describe("there is more now"),
  ended: z.boolean().describe("nothing will follow"),
});

const causes = [
  "finished",
  "crashed",
  "rejected",
  "exited",
  "killed",
  "out-of-heap",
  "out-of-memory",
  "hung",
  "not-ready",
  "escalated",
  "planned",
  "operator",
] as const;

export const deathShape: z.ZodType<Death> = z.strictObject({
  service: z.string(),
  unit: z.string(),
  incarnation: z.int().min(0),
  processIncarnation: z.int().min(0).describe("that of its process: a thread's begins with 1 again in each of them"),
  at: time,
  cause: z.enum(causes),
  text: z.string().describe("the sentence of logs and status"),
  next: z.string().nullable().describe("what was done next"),
  stack: z
    .strictObject({
      frames: z.array(z.string()).describe("innermost first"),
      running: z.string().nullable().describe("the coroutine that was running, with the connection's id first"),
    })
    .nullable()
    .describe("where it stood that did not go on, if that could be told"),
  unfinished: z
    .strictObject({
      connections: z.int().min(0).nullable().describe("how many; null when that is not known"),
      tasks: z
        .array(
          z.strictObject({
            task: z.string().describe("its id; of a unit that did not answer, the unit's"),
            peer: z.string().nullable(),
            ageMs: z.number().nullable().describe("for how long its connection had been served"),
            waitingOn: z.string().nullable().describe("null when it was running"),
            waitingMs: z.number().describe("for how long"),
            at: z.string().nullable().describe("the line at which it stood"),
          }),
        )
        .describe("the first of them"),
    })
    .nullable()
    .describe("what its drain did not wait out"),
  lastLines: z.array(z.string()).describe("what it wrote last on standard error, oldest first"),
});
