// The keys of a whole deployment: health, logs and control.
import { z } from "zod";
import type { LogsConfig } from "./deployment.ts";
import { key } from "./key.ts";
import { sizeExpects, sizeSchema } from "./size-schema.ts";

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

export const health: z.ZodType<CheckedDeployment["health"]> = key(
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

export const logs: z.ZodType<CheckedDeployment["logs"]> = key(
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

export const control: z.ZodType<CheckedDeployment["control"]> = key(
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
