// Every error a connection can end with, one class per failure.
import { formatPeer, type Peer } from "./peer.ts";

/** Notes which connection's peer an error is about; for the rest of this package. */
export let blame: <E>(error: E, connection: object, peer: Peer) => E;
/** Whether an error is about the peer of another connection than this; for the rest of this package. */
export let blamesAnother: (error: unknown, connection: object) => boolean;

/**
 * What a peer did, or failed to do, that ended its connection. Not a fault of the service: a host counts it and goes on
 * without logging it. A handler throws one, a {@link FrameInvalidError} say, to end its connection like that. What another
 * connection throws in a handler, one to an upstream say, is the handler's to catch: uncaught, it has failed.
 */
export abstract class PeerError extends Error {
  abstract readonly code: `ERR_PLAIT_${string}`;
  /** Who it is about: "10.0.0.5:5432". `undefined` when no connection threw it. */
  peer?: string;
  #connection: object | undefined;

  static {
    blame = (error, connection, peer) => {
      if (error instanceof PeerError && error.#connection === undefined) {
        error.#connection = connection;
        error.peer = formatPeer(peer);
      }
      return error;
    };
    blamesAnother = (error, connection) =>
      error instanceof PeerError && error.#connection !== undefined && error.#connection !== connection;
  }
}

/** Makes the error of whoever runs into a failure, so that its stack names the place and costs nothing until then. */
export type Failure = () => Error;

/** The peer reset the connection, or the network lost it. */
export class ConnectionResetError extends PeerError {
  override readonly name = "ConnectionResetError";
  readonly code = "ERR_PLAIT_CONNECTION_RESET";

  constructor(cause?: unknown) {
    super(`The peer reset the connection${codeOf(cause)}. What was written last may not have arrived.`, { cause });
  }
}

/** The connection was closed on this side, by `close`, `reset` or the end of its handler, or both sides have ended it. */
export class ConnectionClosedError extends Error {
  override readonly name = "ConnectionClosedError";
  readonly code = "ERR_PLAIT_CONNECTION_CLOSED";

  constructor(attempted: string, cause?: unknown, why: string = CLOSED_HERE) {
    super(`Can't ${attempted}: ${why}`, { cause });
  }
}

const CLOSED_HERE = "the connection was closed on this side. Do it before close(), reset() or closeWrite().";

/** Both sides have ended in order. */
export function endedByBoth(): ConnectionClosedError {
  const why = "both sides have ended the connection. What had arrived can still be read.";
  return new ConnectionClosedError("go on", undefined, why);
}

/** Two coroutines read one connection at the same time. */
export class ConcurrentReadError extends Error {
  override readonly name = "ConcurrentReadError";
  readonly code = "ERR_PLAIT_CONCURRENT_READ";

  constructor() {
    super("Another coroutine is already reading this connection. Let one coroutine read and pass on what it got.");
  }
}

/** Which deadline a connection ran into. */
export type DeadlineKind = "handshake" | "idle" | "read" | "write" | "lifetime";

const MISSED: Record<DeadlineKind, string> = {
  handshake: "did not complete its handshake",
  idle: "sent and took no byte",
  read: "sent nothing a read could return",
  write: "took none of the bytes waiting for it",
  lifetime: "stayed connected",
};

/** A deadline of the connection passed. */
export class ConnectionTimeoutError extends PeerError {
  override readonly name = "ConnectionTimeoutError";
  readonly code = "ERR_PLAIT_CONNECTION_TIMEOUT";
  readonly deadline: DeadlineKind;
  /** The time that was allowed, in milliseconds. */
  readonly ms: number;

  constructor(deadline: DeadlineKind, ms: number) {
    super(`The peer ${MISSED[deadline]} for ${ms} ms. Raise timeouts.${deadline} if that is normal here.`);
    this.deadline = deadline;
    this.ms = ms;
  }
}

/** The peer sent more slowly than the listener's `minReadRate` allows. */
export class SlowPeerError extends PeerError {
  override readonly name = "SlowPeerError";
  readonly code = "ERR_PLAIT_SLOW_PEER";

  constructor(received: number, ms: number, bytesPerSecond: number) {
    super(
      `The peer sent ${received} bytes in ${ms} ms, below ${bytesPerSecond} bytes a second. Lower limits.minReadRate if such peers are welcome.`,
    );
  }
}

/** A frame, a line, a block or a delimiter search went past its size limit. */
export class FrameTooLargeError extends PeerError {
  override readonly name = "FrameTooLargeError";
  readonly code = "ERR_PLAIT_FRAME_TOO_LARGE";
  /** The limit, in bytes. */
  readonly max: number;

  constructor(what: string, max: number, size?: number) {
    super(
      `A ${what} of ${size === undefined ? `more than ${max} bytes arrived` : `${size} bytes is past its limit of ${max}`}. Raise its \`max\` if it may be that large.`,
    );
    this.max = max;
  }
}

/** Bytes arrived that are no frame of the codec. */
export class FrameInvalidError extends PeerError {
  override readonly name = "FrameInvalidError";
  readonly code = "ERR_PLAIT_FRAME_INVALID";

  constructor(what: string, cause?: unknown) {
    super(`The peer sent bytes that are no frame: ${what}. Check that both sides speak the same protocol.`, { cause });
  }
}

/** A value that its codec has no frame for was to be sent. The service's own fault; nothing was sent. */
export class FrameNotEncodableError extends Error {
  override readonly name = "FrameNotEncodableError";
  readonly code = "ERR_PLAIT_FRAME_NOT_ENCODABLE";

  /**
   * @param what What the codec calls a frame: "line".
   * @param problem "it contains a line end"
   */
  constructor(what: string, problem: string, cause?: unknown) {
    super(`Can't send this ${what}: ${problem}. Check what is passed to write().`, { cause });
  }
}

/** Throws when a frame that is to be sent is larger than `max` bytes. */
export function checkSize(what: string, size: number, max: number): void {
  if (size > max)
    throw new FrameNotEncodableError(what, `it has ${size} bytes, more than its codec's \`max\` of ${max}`);
}

/** The peer ended the connection in the middle of something. */
export class UnexpectedEndError extends PeerError {
  override readonly name = "UnexpectedEndError";
  readonly code = "ERR_PLAIT_UNEXPECTED_END";
  /** Bytes that had arrived of what was never completed. They can still be had with `read()`. */
  readonly received: number;

  constructor(what: string, received: number) {
    super(`The peer ended the connection after ${received} bytes of a ${what}. read() returns what arrived.`);
    this.received = received;
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? ` (${cause.code})` : "";
}
