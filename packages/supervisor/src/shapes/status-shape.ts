// The shape of a status, for whoever reads it as JSON.
import { z } from "zod";
import { latencyBounds } from "../latency-kinds.ts";
import type { SupervisorStatus } from "../status.ts";

const count = z.int().min(0);
const time = z.number().describe("ms since the epoch");

const unit = {
  unit: z.string().describe('its id: "p2" or "p2.t1"'),
  state: z.enum(["starting", "ready", "stopping", "backoff", "failed", "stopped"]),
  incarnation: count.describe("1 for the first, one more for each that followed"),
  startedAt: time.describe("when this incarnation started, in ms since the epoch"),
  lastExit: z.string().nullable().describe("why the incarnation before this one ended"),
  failures: count.describe("ends that nobody had asked for"),
  lastFailure: z.strictObject({ at: time, text: z.string() }).nullable().describe("the latest of them"),
  connections: count.describe("being served now"),
  total: count.describe("given to the unit since its slot's first incarnation"),
  outcomes: z.record(z.string(), count).describe("how those that ended did, by outcome"),
  lost: count.describe("ended because their unit did"),
};

const coroutines = z
  .strictObject({ ready: count, running: count, waiting: count, cancelling: count })
  .nullable()
  .describe("by state; null until it has told");

const threadUsage = z
  .strictObject({
    utilization: z.number().describe("share of the time in which its event loop was busy, 0 to 1"),
    cpuMs: z.number().describe("processor time since it started, in ms"),
    heapUsed: count.describe("JavaScript heap in use, in bytes"),
    gcMs: z.number().describe("time that garbage collection has held it up since it started, in ms"),
  })
  .nullable();

const processUsage = z
  .strictObject({
    memory: count.describe("resident memory, in bytes"),
    cpuMs: z.number().describe("processor time since it started, in ms"),
    cpu: z.number().describe("processor time by time, lately; 1 is one core"),
  })
  .nullable()
  .describe("null while there is no process, or where the system does not tell");

const latency = z.strictObject({
  buckets: z.array(count).describe(`how many took at most ${latencyBounds.join(", ")} ms, and longer`),
  sumMs: z.number(),
});

const process = z.strictObject({
  ...unit,
  pid: z.int().nullable().describe("null while the slot waits for its next process"),
  next: z
    .strictObject({ pid: z.int(), incarnation: count, ready: z.boolean() })
    .nullable()
    .describe("the process that is to replace this one, beside which it serves"),
  waiting: count.describe("accepted connections that wait for a coroutine"),
  full: z.boolean().describe("connections are left in the kernel's queue"),
  usage: processUsage,
  latencies: z
    .strictObject({ accept: latency, scheduling: latency, loop: latency })
    .nullable()
    .describe("since it started; null until it has told"),
  coroutines,
  threads: z.array(z.strictObject({ ...unit, usage: threadUsage, coroutines })),
});

const counts = {
  connections: count.describe("being served now"),
  waiting: count,
  total: count,
  outcomes: z.record(z.string(), count),
  lost: count,
};

const kept = z
  .strictObject({
    unit: z.string().describe("the slot that it had"),
    incarnation: count,
    generation: count.describe("which reload it came with; the first processes are 1"),
    pid: z.int(),
    startedAt: time,
    usage: processUsage,
    ...counts,
    connections: count.describe("being served now; in the count of its slot, too"),
  })
  .describe("processes that a reload has replaced and that go on with the connections which they have");

export const statusShape: z.ZodType<SupervisorStatus> = z.strictObject({
  name: z.string(),
  pid: z.int(),
  state: z.enum(["starting", "serving", "stopping", "stopped", "failed"]),
  startedAt: time,
  node: z.string().describe("version of Node"),
  usage: processUsage,
  health: z.string().nullable().describe("where it answers for health and metrics"),
  services: z.array(
    z.strictObject({
      name: z.string(),
      entry: z.string().describe("absolute path of its module"),
      topology: z.strictObject({
        processes: count.describe("0: it is served by the supervisor's own"),
        threads: count,
        coroutines: count,
      }),
      listeners: z.array(z.strictObject({ name: z.string(), address: z.string(), suspended: z.boolean() })),
      processes: z.array(process),
      kept: z.array(kept),
      removed: z
        .array(z.strictObject({ unit: z.string(), ...counts }))
        .describe("the counters of slots that were taken away; they go on when a slot comes back"),
    }),
  ),
});
