// What each command prints with --json, as zod schemas: `@plait/cli/shapes`.
import { deathShape, logEntryShape, planShape, serviceDumpShape, statusShape } from "@plait/supervisor/shapes";
import { z } from "zod";
import type { HostLimits } from "./host.ts";
import type { WrittenProject } from "./init/write-project.ts";

const count = z.int().min(0);

const projectShape: z.ZodType<WrittenProject> = z.strictObject({
  folder: z.string().describe("absolute path"),
  name: z.string(),
  written: z.array(z.string()),
  kept: z.array(z.string()).describe("what was there already and was not touched"),
});

const hostShape: z.ZodType<HostLimits> = z.strictObject({
  descriptors: z.number().nullable().describe("RLIMIT_NOFILE"),
  somaxconn: z.number().nullable().describe("net.core.somaxconn"),
});

const checkShape = z.strictObject({
  name: z.string(),
  file: z.string().nullable().describe("the configuration file; null for a module with flags"),
  overrides: z.array(z.string()).describe("the environment variables that changed it"),
  services: z.array(
    z.strictObject({
      config: z
        .looseObject({ name: z.string(), entry: z.string() })
        .describe("every key of the configuration's reference"),
      topology: z.strictObject({ processes: count, threads: count, coroutines: count }),
      accept: z
        .record(z.string(), z.enum(["process", "handoff", "direct"]))
        .describe("by listener: who accepts its connections; an inherited socket counts as TCP"),
      arithmetic: z
        .array(
          z.strictObject({
            what: z.enum(["cores", "memory", "processes", "threads", "connections", "footprint"]),
            value: z.number(),
            because: z.string(),
          }),
        )
        .describe("how auto came to the topology"),
      worstCaseRestarts: z.array(
        z.strictObject({ tier: z.enum(["thread", "process", "service"]), restarts: count, because: z.string() }),
      ),
      shutdownMs: z.number().describe("the longest that a stop takes"),
    }),
  ),
  health: z.string().nullable().describe("address of health and metrics; null: off"),
  logs: z.strictObject({ memory: count, file: z.string().optional(), format: z.enum(["text", "json"]) }),
  readers: z
    .strictObject({ path: z.string(), mode: count, group: z.union([z.string(), z.number()]).optional() })
    .nullable()
    .describe("the control socket for readers; null: none"),
  host: hostShape,
  contradictions: z
    .array(
      z.strictObject({
        service: z.string().nullable().describe("null: the services together"),
        limit: z.enum(["descriptors", "somaxconn", "memory"]),
        text: z.string(),
      }),
    )
    .describe("what this host does not allow"),
});

const proofShape = z.strictObject({
  clients: count,
  reloads: count.describe("that succeeded"),
  connections: z.record(z.string(), count).describe("how they ended"),
  lost: count,
});

/** By command. `logs` prints one such object a line. */
export const jsonShapes: Readonly<Record<string, z.ZodType>> = {
  init: projectShape,
  "start --detach": statusShape,
  status: statusShape,
  logs: logEntryShape,
  why: z.array(deathShape),
  dump: z.array(serviceDumpShape),
  profile: z.strictObject({ unit: z.string(), kind: z.enum(["cpu", "heap"]), file: z.string() }),
  call: z.unknown().describe("what the method answered"),
  reload: statusShape,
  rollback: statusShape,
  restart: statusShape,
  scale: statusShape,
  "verify reload": proofShape,
  stop: z.strictObject({ name: z.string(), pid: z.int() }),
  check: checkShape,
  plan: planShape,
};
