// How a connection ended, in one word, for counters and logs.
import { Cancelled } from "@plait/coroutine";
import {
  blamesAnother,
  ConnectionResetError,
  ConnectionTimeoutError,
  FrameTooLargeError,
  PeerError,
  SlowPeerError,
} from "./errors.ts";

/**
 * How a connection ended:
 *
 * - `served`: its handler returned.
 * - `goodbye`: its handler returned while the unit was draining.
 * - `reset`: the peer reset it, or the network lost it.
 * - `timeout`: a deadline ended it.
 * - `limit`: it went past a limit: too many connections, too slow, a frame too large.
 * - `invalid`: the peer broke the protocol: a failed handshake, a bad PROXY header, a malformed or unfinished frame.
 * - `cancelled`: it was cut off by `cancel`, after a drain or on its handler's own account.
 * - `failed`: its handler threw anything else. The only one that is reported as an error.
 */
export type ConnectionOutcome =
  | "served"
  | "goodbye"
  | "reset"
  | "timeout"
  | "limit"
  | "invalid"
  | "cancelled"
  | "failed";

/** A counter for every outcome. */
export type OutcomeCounts = Record<ConnectionOutcome, number>;

export function noOutcomes(): OutcomeCounts {
  return { served: 0, goodbye: 0, reset: 0, timeout: 0, limit: 0, invalid: 0, cancelled: 0, failed: 0 };
}

/** The outcome that an error stands for when it ends a connection. */
export function outcomeOf(error: unknown, connection: object): ConnectionOutcome {
  if (blamesAnother(error, connection)) return "failed";
  if (error instanceof Cancelled) return "cancelled";
  if (error instanceof ConnectionResetError) return "reset";
  if (error instanceof ConnectionTimeoutError) return "timeout";
  if (error instanceof FrameTooLargeError || error instanceof SlowPeerError) return "limit";
  return error instanceof PeerError ? "invalid" : "failed";
}
