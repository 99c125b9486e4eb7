// The schema of a configuration: every key with its check, its default and its facts.
import { defaultRollout, defaultShutdown } from "@plait/policy";
import { z } from "zod";
import type { ServiceConfig } from "./deployment.ts";
import { type CheckedDeployment, control, health, logs } from "./deployment-schema.ts";
import { durationKey } from "./duration-schema.ts";
import { key } from "./key.ts";
import { recycle } from "./recycle-schema.ts";
import { mostThreads } from "./resolve-topology.ts";
import { restart } from "./restart-schema.ts";
import { sizeSchema } from "./size-schema.ts";

/** With 1 or 2 MiB V8 ends the whole process, with up to 8 MiB no thread comes up (Node 26). */
const leastHeap = 16 * 2 ** 20;

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/);
const nameExpects = "a name of letters, digits, - and _ that starts with a letter, at most 63 long";
const count = z.int().min(0);
const countOrAuto = z.union([count, z.literal("auto")]);

const listen = key(z.unknown().prefault("127.0.0.1:8080"), {
  description:
    'Where to listen: one address, several in a list, or several by name. An address is `"127.0.0.1:8080"`, `":8080"` (every address of the machine), `"[::1]:8080"`, `"/run/echo.sock"` (a unix socket), `"inherit:http"` (a socket that systemd passed), or an object.',
  expects: "an address",
  example: "127.0.0.1:8080",
  apply: "roll",
});

const service = z.strictObject({
  name: key(name.optional(), {
    description:
      "Name of the service in ids, logs and metrics. Left out: the entry's name. Under `services` the key is the name.",
    expects: nameExpects,
    example: "echo",
    apply: "restart",
  }),
  entry: key(z.string().min(1), {
    description: "The module whose default export is the service, relative to the configuration.",
    expects: "the path of the module whose default export is the service",
    example: "./echo.ts",
    apply: "roll",
  }),
  listen,
  topology: key(
    z
      .strictObject({
        processes: key(countOrAuto.prefault("auto"), {
          description:
            'Worker processes. 0 serves in the supervisor\'s own process. `"auto"` follows the cores and the memory that the machine and its cgroup allow.',
          expects: 'a whole number of at least 0, or "auto"',
          example: 2,
          apply: "live",
        }),
        threads: key(z.union([z.int().min(0).max(mostThreads), z.literal("auto")]).prefault("auto"), {
          description: `Threads of each process, at most ${mostThreads}. 0 serves on its main thread. \`"auto"\` shares the cores among the processes.`,
          expects: `a whole number from 0 to ${mostThreads}, or "auto"`,
          example: 2,
          apply: "roll",
        }),
        coroutines: key(z.int().min(1).prefault(10_000), {
          description:
            "Connections that one thread serves at once. Past it they wait in the kernel's queue (see `queue`).",
          expects: "a whole number of at least 1",
          example: 10_000,
          apply: "roll",
        }),
      })
      .prefault({}),
    {
      description: "How many processes, threads and coroutines carry the service.",
      expects: "an object of processes, threads and coroutines",
      example: { processes: 2, threads: 2 },
      apply: "roll",
    },
  ),
  queue: key(count.prefault(0), {
    description:
      "Connections that a process may accept before a coroutine is free for them. 0 leaves them in the kernel's queue, where another process can take them.",
    expects: "a whole number of at least 0",
    example: 1024,
    apply: "roll",
  }),
  placement: key(
    z
      .string()
      .regex(/^(least-connections|power-of-two|round-robin|hash|.*[/\\\\].*)$/)
      .prefault("least-connections"),
    {
      description:
        'Which thread of a process a connection goes to. `"least-connections"`: the one with the fewest. `"power-of-two"`: the one with fewer of two that chance picks. `"round-robin"`: one after the other. `"hash"`: all connections of a client\'s address to the same one. Or the path of a module whose default export is a `Placement`.',
      expects:
        '"least-connections", "power-of-two", "round-robin", "hash", or the path of a module, such as "./placement.ts"',
      example: "hash",
      apply: "roll",
    },
  ),
  offload: key(
    z
      .strictObject({
        threads: key(z.union([z.int().min(1).max(mostThreads), z.literal("auto")]).prefault("auto"), {
          description:
            'Threads of each process that compute what its services offload. `"auto"` is one for every core that the process may use, and one more, which has the core of one that waits for its next call. They start when they are needed, and end when they have had nothing to do for 10 s.',
          expects: `a whole number from 1 to ${mostThreads}, or "auto"`,
          example: 2,
          apply: "roll",
        }),
        queue: key(count.prefault(1024), {
          description: "Calls that may wait for such a thread. One more fails at once.",
          expects: "a whole number of at least 0",
          example: 1024,
          apply: "roll",
        }),
        nice: key(z.int().min(0).max(19).prefault(10), {
          description:
            "How far these threads stand back for all others on the machine that have something to do: what is added to their nice value. With 0 they take turns with the threads that serve.",
          expects: "a whole number from 0 to 19",
          example: 5,
          apply: "roll",
        }),
      })
      .prefault({}),
    {
      description: "The compute pool of each process.",
      expects: "an object of threads, queue and nice",
      example: { threads: 2 },
      apply: "roll",
    },
  ),
  user: key(z.string().min(1).optional(), {
    description:
      "As whom the processes run: a user's name or id, without supplementary groups. The supervisor, which binds the listeners, stays who it is; it has to be root. Left out: as the supervisor.",
    expects: "a user's name or id",
    example: "www-data",
    apply: "roll",
  }),
  group: key(z.string().min(1).optional(), {
    description: "The group of the processes: a name or an id. Left out: that of `user`.",
    expects: "a group's name or id",
    example: "www-data",
    apply: "roll",
  }),
  start: key(
    z
      .strictObject({ timeout: durationKey(30_000, "A unit that is not ready by then has failed.", "live") })
      .prefault({}),
    { description: "Starting a unit.", expects: "an object of timeout", example: { timeout: "30s" }, apply: "live" },
  ),
  stop: key(
    z
      .strictObject({
        preDrain: durationKey(
          defaultShutdown.preDrain,
          "Go on accepting this long after a stop was asked for: load balancers take note.",
          "live",
        ),
        drain: durationKey(defaultShutdown.drain, "Accept nothing more; let what is in flight finish.", "live"),
        cancel: durationKey(defaultShutdown.cancel, "Cancel what is left; let coroutines clean up.", "live"),
        kill: durationKey(defaultShutdown.kill, "Let a process end by itself before it is killed.", "live"),
      })
      .prefault({}),
    {
      description: "The budget of a stop, step by step.",
      expects: "an object of preDrain, drain, cancel and kill",
      example: { drain: "20s" },
      apply: "live",
    },
  ),
  reload: key(
    z
      .strictObject({
        soak: durationKey(
          defaultRollout.soak,
          "The first new process of a reload has to stay up this long before an old one is touched.",
          "live",
        ),
        surge: key(z.int().min(1).prefault(defaultRollout.surge), {
          description: "Processes above the configured number while a reload is under way.",
          expects: "a whole number of at least 1",
          example: defaultRollout.surge,
          apply: "live",
        }),
        keep: key(count.prefault(0), {
          description:
            "Old generations whose processes go on serving, without accepting, the connections that are left when `stop.drain` is over: for connections that live long. A reload that makes a process more than this many generations old ends it by the budget of a stop. 0 ends it when its drain is over.",
          expects: "a whole number of at least 0",
          example: 2,
          apply: "live",
        }),
      })
      .prefault({}),
    {
      description: "How a reload replaces processes: new before old, one of them first.",
      expects: "an object of soak, surge and keep",
      example: { soak: "5s" },
      apply: "live",
    },
  ),
  recycle,
  watchdog: key(
    z
      .strictObject({
        report: durationKey(
          2_000,
          "A thread that blocks its event loop this long is reported, with its stack and the connection that it was serving. Until it goes on it gets no connections. 0 is never.",
          "roll",
        ),
        kill: durationKey(15_000, "A thread that blocks its event loop this long is replaced. 0 is never.", "roll"),
        process: durationKey(
          30_000,
          "A process whose main thread stands still this long, or that was stopped, is replaced; after half of it the stack is logged. 0 is never.",
          "roll",
        ),
      })
      .prefault({}),
    {
      description: "What happens to a thread or a process whose event loop stands still.",
      expects: "an object of report, kill and process",
      example: { report: "500ms", kill: "10s" },
      apply: "roll",
    },
  ),
  limits: key(
    z
      .strictObject({
        threadHeap: key(sizeSchema.refine((bytes) => bytes >= leastHeap).optional(), {
          description:
            "JavaScript heap of one thread, serving or computing, at least 16 MiB. A thread that needs more than this limit ends alone, with the cause out-of-heap, and is replaced; buffers are not counted. Left out, V8 chooses by the machine's memory.",
          expects: 'a size of at least "16MiB", or a number of bytes',
          example: "512MiB",
          apply: "roll",
        }),
      })
      .prefault({}),
    {
      description: "What a unit may use.",
      expects: "an object of threadHeap",
      example: { threadHeap: "512MiB" },
      apply: "roll",
    },
  ),
  restart,
});

const $schema = key(z.string().optional(), {
  description: "Where an editor finds the JSON Schema. Ignored otherwise.",
  expects: "a URL or a path",
  example: "./supervisor.schema.json",
  apply: "live",
});

/** The keys that stand at the top level, next to those of the only service or to `services`. */
export const deploymentSchema: z.ZodType = z.strictObject({ health, logs, control });

/** A configuration with one service: its keys at the top level. `services` is here to be suggested, and is never right. */
const single = z.strictObject({ $schema, ...service.shape, health, logs, control, services: z.never().optional() });

/** A configuration with several services, by name. */
const several = z.strictObject({
  $schema,
  health,
  logs,
  control,
  name: key(name.optional(), {
    description: "Name of the deployment. Left out: the service's, or the folder's name.",
    expects: nameExpects,
    example: "shop",
    apply: "restart",
  }),
  services: key(z.record(name, service.omit({ name: true })), {
    description: "The services, by name. With one service, its keys may stand at the top level instead.",
    expects: "an object of services by name",
    example: { echo: { entry: "./echo.ts" } },
    apply: "restart",
  }),
});

/** A service as the schema leaves it: parse-config.ts completes `name` and `entry`, and reads `listen`. */
export type CheckedService = Pick<
  ServiceConfig,
  | "entry"
  | "topology"
  | "queue"
  | "placement"
  | "offload"
  | "user"
  | "group"
  | "start"
  | "stop"
  | "reload"
  | "recycle"
  | "watchdog"
  | "limits"
  | "restart"
> & {
  readonly name?: string | undefined;
  readonly listen: unknown;
};

/** The `listen` key, as it is written. */
export const listenKey: z.ZodType = listen;
export const serviceSchema: z.ZodType<CheckedService> = service;
export const singleSchema: z.ZodType<CheckedService & CheckedDeployment> = single;
export const severalSchema: z.ZodType<
  { name?: string | undefined; services: Record<string, CheckedService> } & CheckedDeployment
> = several;
