// The language of the control socket: one JSON object a line, requests one way and replies the other.

/** Goes up when a request or a reply changes its meaning; a server refuses requests of another version. */
export const PROTOCOL_VERSION = 1;

/** Longest line that is read, in bytes: a peer that sends more is cut off. */
export const MAX_LINE: number = 64 * 1024;

export interface ControlRequest {
  readonly plait: number;
  /** Chosen by the client; the reply carries it. */
  readonly id: number;
  readonly command: string;
  readonly params: object;
}

export type ControlReply =
  | { readonly id: number | null; readonly ok: true; readonly result: unknown }
  | {
      readonly id: number | null;
      readonly ok: false;
      readonly error: { readonly code: string; readonly message: string };
    };

/** Reads a request, or says in one sentence what is wrong with it. */
export function readRequest(line: string): ControlRequest | string {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return "a request is one JSON object a line, and this line is not JSON";
  }
  if (typeof message !== "object" || message === null) return "a request is one JSON object a line";
  const { plait, id, command, params = {} } = message as Partial<ControlRequest>;
  if (plait !== PROTOCOL_VERSION) {
    return `this supervisor speaks version ${PROTOCOL_VERSION} of the control protocol and the request is version ${JSON.stringify(plait)}`;
  }
  if (typeof id !== "number") return 'a request has a numeric "id"';
  if (typeof command !== "string") return 'a request names its "command"';
  if (typeof params !== "object" || params === null) return '"params" is an object';
  return { plait, id, command, params };
}
