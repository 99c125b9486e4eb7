// The schema of a configuration: every key with its check, its default and its facts.
import { defaultRecycling, defaultRestart, defaultRollout, type Tier } from "@plait/policy";
import { z } from "zod";
import type { LogsConfig, ServiceConfig } from "./deployment.ts";
import { formatDuration } from "./duration.ts";
import { durationExpects, durationSchema } from "./duration-schema.ts";
import { key } from "./key.ts";
import { sizeExpects, sizeSchema } from "./size-schema.ts";

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

function restartTier(tier: Exclude<Tier, "coroutine">, owner: string, apply: "live" | "roll") {
  const defaults = defaultRestart[tier];
  const { backoff } = defaults;
  const shape = z.strictObject({
    when: key(z.enum(["always", "on-failure", "never"]).prefault(defaults.when), {
      description: `Which ends of a ${tier} lead to a restart. An end that was asked for never does.`,
      expects: '"always", "on-failure" or "never"',
      example: "on-failure",
      apply,
    }),
    intensity: key(count.prefault(defaults.intensity), {
      description: `Restarts of each ${tier} that are forgiven within \`period\`. A group of n is forgiven n times as many, whichever of them they are; one more fails ${owner}.`,
      expects: "a whole number of at least 0",
      example: defaults.intensity,
      apply,
    }),
    period: durationKey(defaults.period, "The sliding window of `intensity`, counted in time spent healthy.", apply),
    backoff: key(
      z
        .strictObject({
          initial: durationKey(backoff.initial, "The first wait before a restart.", apply),
          factor: key(z.number().min(1).prefault(backoff.factor), {
            description: "Growth of the wait from one attempt to the next.",
            expects: "a number of at least 1",
            example: 2,
            apply,
          }),
          cap: durationKey(backoff.cap, "The longest wait.", apply),
          resetAfter: durationKey(backoff.resetAfter, "Healthy this long, a unit starts again from `initial`.", apply),
        })
        .prefault({}),
      {
        description: "How the wait before a restart grows. Every wait is jittered.",
        expects: "an object of initial, factor, cap and resetAfter",
        example: { initial: "100ms", cap: "30s" },
        apply,
      },
    ),
    healthyAfter: durationKey(
      defaults.healthyAfter,
      "A unit is healthy once it has been ready this long, or has served its first connection.",
      apply,
    ),
  });
  return key(shape.prefault({}), {
    description: `How often a ${tier} may be restarted before ${owner} has to answer for it.`,
    expects: "an object of when, intensity, period, backoff and healthyAfter",
    example: { intensity: defaults.intensity, period: formatDuration(defaults.period) },
    apply,
  });
}

function durationKey(byDefault: number, description: string, apply: "live" | "roll") {
  const written = formatDuration(byDefault);
  return key(durationSchema.prefault(written), { description, expects: durationExpects, example: written, apply });
}

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
        threads: key(countOrAuto.prefault("auto"), {
          description:
            'Threads of each process. 0 serves on its main thread. `"auto"` shares the cores among the processes.',
          expects: 'a whole number of at least 0, or "auto"',
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
        threads: key(z.union([z.int().min(1), z.literal("auto")]).prefault("auto"), {
          description:
            'Threads of each process that compute what its services offload. `"auto"` is one for every core that the process may use. They start when they are needed, and end when they have had nothing to do for 10 s.',
          expects: 'a whole number of at least 1, or "auto"',
          example: 2,
          apply: "roll",
        }),
        queue: key(count.prefault(1024), {
          description: "Calls that may wait for such a thread. One more fails at once.",
          expects: "a whole number of at least 0",
          example: 1024,
          apply: "roll",
        }),
      })
      .prefault({}),
    {
      description: "The compute pool of each process.",
      expects: "an object of threads and queue",
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
          0,
          "Go on accepting this long after a stop was asked for: load balancers take note.",
          "live",
        ),
        drain: durationKey(20_000, "Accept nothing more; let what is in flight finish.", "live"),
        cancel: durationKey(5_000, "Cancel what is left; let coroutines clean up.", "live"),
        kill: durationKey(5_000, "Let a process end by itself before it is killed.", "live"),
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
      })
      .prefault({}),
    {
      description: "How a reload replaces processes: new before old, one of them first.",
      expects: "an object of soak and surge",
      example: { soak: "5s" },
      apply: "live",
    },
  ),
  recycle: key(
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
  ),
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
        threadHeap: key(sizeSchema.optional(), {
          description:
            "JavaScript heap of one thread. A thread that needs more ends alone, with the cause out-of-heap, and is replaced; buffers are not counted. Left out, V8 chooses by the machine's memory.",
          expects: sizeExpects,
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
  restart: key(
    z
      .strictObject({
        thread: restartTier("thread", "its process", "roll"),
        process: restartTier("process", "the service", "live"),
        service: restartTier("service", "the supervisor (exit code 70)", "live"),
      })
      .prefault({}),
    {
      description: "What happens when a unit ends that nobody asked to end.",
      expects: "an object of thread, process and service",
      example: { thread: { intensity: 5, period: "30s" } },
      apply: "live",
    },
  ),
});

const $schema = key(z.string().optional(), {
  description: "Where an editor finds the JSON Schema. Ignored otherwise.",
  expects: "a URL or a path",
  example: "./supervisor.schema.json",
  apply: "live",
});

const health = key(
  z
    .strictObject({
      listen: key(z.string().min(1).prefault("127.0.0.1:9090"), {
        description: "Where `/live`, `/ready`, `/startup` and `/metrics` are answered: a TCP address or a unix socket.",
        expects: "an address",
        example: "127.0.0.1:9090",
        apply: "restart",
      }),
    })
    .optional(),
  {
    description:
      "Health and metrics over HTTP, answered by the supervisor itself, however busy the service is. Left out: off. `{}` is on, on the loopback address.",
    expects: "an object of listen",
    example: { listen: "127.0.0.1:9090" },
    apply: "restart",
  },
);

const logs = key(
  z
    .strictObject({
      memory: key(sizeSchema.prefault("4MiB"), {
        description: "How much of the log the supervisor keeps for `supervisor logs`; the oldest lines go first.",
        expects: sizeExpects,
        example: "4MiB",
        apply: "restart",
      }),
      file: key(z.string().min(1).optional(), {
        description:
          "A file that every line is appended to as well, relative to the configuration. SIGUSR2, or `supervisor logs --reopen`, opens it anew after logrotate has moved it away. Left out: none.",
        expects: "a path",
        example: "./echo.log",
        apply: "restart",
      }),
      format: key(z.enum(["text", "json"]).prefault("text"), {
        description: "How a line stands in the file: to be read, or as one JSON object.",
        expects: '"text" or "json"',
        example: "json",
        apply: "restart",
      }),
    })
    .prefault({}),
  {
    description: "What the units write and what happens to them: where the supervisor keeps it.",
    expects: "an object of memory, file and format",
    example: { file: "./echo.log" },
    apply: "restart",
  },
);

const control = key(
  z
    .strictObject({
      readers: key(
        z
          .strictObject({
            path: key(z.string().min(1), {
              description: "Where the socket lies, relative to the configuration.",
              expects: "a path",
              example: "/run/echo/readers.sock",
              apply: "restart",
            }),
            mode: key(z.union([z.int().min(0).max(0o777), z.string().regex(/^0?[0-7]{3}$/)]).prefault("0660"), {
              description: "Its permission bits: who may write to it may connect.",
              expects: 'permission bits in octal, such as "0660"',
              example: "0660",
              apply: "restart",
            }),
            group: key(z.union([z.int().min(0), z.string().min(1)]).optional(), {
              description: "The group that it is given to, by name or number. Left out: the supervisor's own.",
              expects: "the name or the number of a group",
              example: "ops",
              apply: "restart",
            }),
          })
          .optional(),
        {
          description:
            "A second control socket, on which only commands are answered that change nothing: status, configuration, plan, why, logs. Left out: none.",
          expects: "an object of path, mode and group",
          example: { path: "/run/echo/readers.sock", group: "ops" },
          apply: "restart",
        },
      ),
    })
    .prefault({}),
  {
    description: "Who may talk to the supervisor, besides the user that it runs as.",
    expects: "an object of readers",
    example: { readers: { path: "/run/echo/readers.sock", group: "ops" } },
    apply: "restart",
  },
);

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

/** What stands at the top level, as the schema leaves it. */
export interface CheckedDeployment {
  readonly health?: { readonly listen: string } | undefined;
  readonly logs: LogsConfig;
  readonly control: {
    readonly readers?:
      | { readonly path: string; readonly mode: number | string; readonly group?: number | string | undefined }
      | undefined;
  };
}

/** The `listen` key, as it is written. */
export const listenKey: z.ZodType = listen;
export const serviceSchema: z.ZodType<CheckedService> = service;
export const singleSchema: z.ZodType<CheckedService & CheckedDeployment> = single;
export const severalSchema: z.ZodType<
  { name?: string | undefined; services: Record<string, CheckedService> } & CheckedDeployment
> = several;
