// What can be asked on the control socket: every command's parameters, and whether it only reads.
import { isAbsolute } from "node:path";
import { z } from "zod";
import { levels } from "../logs/log-entry.ts";
import { serviceDumpShape } from "../shapes/dump-shape.ts";
import { deathShape, logPageShape } from "../shapes/log-shape.ts";
import { deploymentShape, planShape } from "../shapes/plan-shape.ts";
import { statusShape } from "../shapes/status-shape.ts";
import type { ControlCommands } from "./commands.ts";

export interface CommandContract<P> {
  /** Whether it changes nothing: such a command is answered on the socket for readers too. */
  readonly reads: boolean;
  readonly params: z.ZodType<P>;
  /** As it is in JSON. */
  readonly result: z.ZodType;
}

/** The longest that a reader of the log may ask to be held back, in ms. */
const LONGEST_WAIT = 60_000;

/** The longest that a call of a service's method may take, in ms. */
const LONGEST_CALL = 3_600_000;

const nothing = z.strictObject({});
const unit = z.string().min(1).max(200).describe('an id such as "p2" or "p2.t1", or a service\'s name');
const count = z.int().min(0);
const path = z.string().refine(isAbsolute, "an absolute path");

const listeners = z.strictObject({
  service: z.string().exactOptional(),
  listener: z.string().exactOptional(),
});

/** Every command by its name. */
export const contract: { readonly [C in keyof ControlCommands]: CommandContract<ControlCommands[C]["params"]> } = {
  status: { reads: true, params: nothing, result: statusShape },
  configuration: { reads: true, params: nothing, result: deploymentShape },
  plan: { reads: true, params: nothing, result: planShape },
  why: {
    reads: true,
    params: z.strictObject({ unit: unit.exactOptional() }),
    result: z.strictObject({ deaths: z.array(deathShape) }),
  },
  logs: {
    reads: true,
    params: z.strictObject({
      unit: unit.exactOptional(),
      level: z.enum(levels).exactOptional(),
      since: z.number().exactOptional(),
      after: count.exactOptional(),
      last: count.exactOptional(),
      wait: z.number().min(0).max(LONGEST_WAIT).exactOptional(),
    }),
    result: logPageShape,
  },
  call: {
    reads: false,
    params: z.strictObject({
      unit,
      method: z.string(),
      args: z.array(z.json()).exactOptional(),
      timeout: z.number().min(1).max(LONGEST_CALL).exactOptional(),
    }),
    result: z.strictObject({ result: z.unknown() }),
  },
  "reopen-logs": { reads: false, params: nothing, result: nothing },
  // These change nothing, but hold the service up for a while, and show what is in its memory.
  dump: {
    reads: false,
    params: z.strictObject({ unit: unit.exactOptional(), locals: z.boolean().exactOptional() }),
    result: z.strictObject({ services: z.array(serviceDumpShape) }),
  },
  profile: {
    reads: false,
    params: z.strictObject({ unit, file: path, ms: z.number() }),
    result: nothing,
  },
  heap: { reads: false, params: z.strictObject({ unit, file: path }), result: nothing },
  reload: { reads: false, params: nothing, result: z.strictObject({ adjusted: z.array(z.string()) }) },
  "reload-certificates": { reads: false, params: nothing, result: nothing },
  rollback: {
    reads: false,
    params: nothing,
    result: z.strictObject({ at: z.number(), entries: z.record(z.string(), z.string()) }),
  },
  restart: { reads: false, params: z.strictObject({ unit: unit.exactOptional() }), result: nothing },
  scale: {
    reads: false,
    params: z.strictObject({ processes: count, service: z.string().exactOptional() }),
    result: nothing,
  },
  "scale-threads": {
    reads: false,
    params: z.strictObject({ threads: count, service: z.string().exactOptional() }),
    result: nothing,
  },
  suspend: { reads: false, params: listeners, result: nothing },
  resume: { reads: false, params: listeners, result: nothing },
  stop: { reads: false, params: z.strictObject({ hurry: z.boolean().exactOptional() }), result: nothing },
};
