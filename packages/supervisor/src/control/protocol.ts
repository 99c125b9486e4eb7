// The language of the control socket: one JSON object a line, requests one way and replies the other.
import { ControlError, ControlVersionError } from "../errors.ts";

/** Goes up when a request or a reply changes its meaning; a server refuses requests of another version. */
export const PROTOCOL_VERSION = 1;

/** Longest line that is read, in bytes: a peer that sends more is cut off. */
export const MAX_LINE: number = 64 * 1024;

/** Who asks, in the client's own words: nothing proves it. */
export interface ControlCaller {
  readonly user: string;
  readonly pid: number;
}

export interface ControlRequest {
  readonly plait: number;
  /** Chosen by the client; the reply carries it. */
  readonly id: number;
  readonly command: string;
  readonly params: object;
  readonly by?: ControlCaller | undefined;
}

export type ControlReply =
  | { readonly id: number | null; readonly ok: true; readonly result: unknown }
  | {
      readonly id: number | null;
      readonly ok: false;
      readonly error: { readonly code: string; readonly message: string };
    };

/** Reads a request, or tells what is wrong with it. */
export function readRequest(line: string): ControlRequest | ControlError | ControlVersionError {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return new ControlError("a request is one JSON object a line, and this line is not JSON");
  }
  if (typeof message !== "object" || message === null) return new ControlError("a request is one JSON object a line");
  const { plait, id, command, params = {}, by } = message as Partial<ControlRequest>;
  if (plait !== PROTOCOL_VERSION) return new ControlVersionError(PROTOCOL_VERSION, plait);
  if (typeof id !== "number") return new ControlError('a request has a numeric "id"');
  if (typeof command !== "string") return new ControlError('a request names its "command"');
  if (typeof params !== "object" || params === null) return new ControlError('"params" is an object');
  if (by !== undefined && !isCaller(by)) return new ControlError('"by" is { "user": a name, "pid": a number }');
  return { plait, id, command, params, by };
}

/** A name that fits into a line of the log. */
function isCaller(by: unknown): by is ControlCaller {
  if (typeof by !== "object" || by === null) return false;
  const { user, pid } = by as Partial<ControlCaller>;
  return typeof user === "string" && /^[^\p{C}]{1,64}$/u.test(user) && Number.isSafeInteger(pid);
}
