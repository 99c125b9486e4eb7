// What can be asked on the control socket: every command's parameters, and whether it only reads.
import { isAbsolute } from "node:path";
import { z } from "zod";
import { levels } from "../logs/log-entry.ts";
import type { ControlCommands } from "./commands.ts";

export interface CommandContract<P> {
  /** Whether it changes nothing: such a command is answered on the socket for readers too. */
  readonly reads: boolean;
  readonly params: z.ZodType<P>;
}

/** The longest that a reader of the log may ask to be held back, in ms. */
const LONGEST_WAIT = 60_000;

/** The longest that a call of a service's method may take, in ms. */
const LONGEST_CALL = 3_600_000;

/** The longest CPU profile, in ms. */
const LONGEST_PROFILE = 600_000;

const nothing = z.strictObject({});
const unit = z.string().min(1).max(200).describe('an id such as "p2" or "p2.t1", or a service\'s name');
const count = z.int().min(0);
const path = z.string().refine(isAbsolute, "an absolute path");

/** Every command by its name. */
export const contract: { readonly [C in keyof ControlCommands]: CommandContract<ControlCommands[C]["params"]> } = {
  status: { reads: true, params: nothing },
  configuration: { reads: true, params: nothing },
  plan: { reads: true, params: nothing },
  why: { reads: true, params: z.strictObject({ unit: unit.exactOptional() }) },
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
  },
  call: {
    reads: false,
    params: z.strictObject({
      unit,
      method: z.string(),
      args: z.array(z.json()).exactOptional(),
      timeout: z.number().min(1).max(LONGEST_CALL).exactOptional(),
    }),
  },
  "reopen-logs": { reads: false, params: nothing },
  // These change nothing, but hold the service up for a while, and show what is in its memory.
  dump: { reads: false, params: z.strictObject({ unit: unit.exactOptional(), locals: z.boolean().exactOptional() }) },
  profile: { reads: false, params: z.strictObject({ unit, file: path, ms: z.number().min(1).max(LONGEST_PROFILE) }) },
  heap: { reads: false, params: z.strictObject({ unit, file: path }) },
  reload: { reads: false, params: nothing },
  rollback: { reads: false, params: nothing },
  restart: { reads: false, params: z.strictObject({ unit: unit.exactOptional() }) },
  scale: { reads: false, params: z.strictObject({ processes: count, service: z.string().exactOptional() }) },
  "scale-threads": { reads: false, params: z.strictObject({ threads: count, service: z.string().exactOptional() }) },
  stop: { reads: false, params: z.strictObject({ hurry: z.boolean().exactOptional() }) },
};
