// What can be set for a connection, with the defaults. All times are milliseconds, all sizes bytes.

/** How long a peer may take. A deadline that is left out never passes. */
export interface Timeouts {
  /** From accept to the end of the PROXY header and the TLS handshake. Default 10,000. */
  readonly handshake?: number | undefined;
  /** Without a byte in either direction. */
  readonly idle?: number | undefined;
  /** One read, from when it begins to wait until what it asks for is there. */
  readonly read?: number | undefined;
  /** With bytes waiting and the peer taking none of them. Default 30,000. */
  readonly write?: number | undefined;
  /** The whole life of the connection. */
  readonly lifetime?: number | undefined;
  /** After `close`, for the peer to end its side; then the descriptor is let go. Default 2,000. */
  readonly linger?: number | undefined;
}

/** How many bytes may wait for a peer. */
export interface Watermarks {
  /** A write that had to wait goes on once no more than this waits. Default 16,384. */
  readonly low: number;
  /** A write waits while this much or more waits. Default 65,536. */
  readonly high: number;
}

/**
 * The least a peer has to send while a read waits with part of its line, block or frame there. A peer that has begun
 * nothing is not slow but idle: see {@link Timeouts.idle} and {@link Timeouts.read}. For a `read` nothing is ever partly there;
 * what drips bytes at it is held by {@link Timeouts.lifetime} alone.
 */
export interface MinReadRate {
  readonly bytesPerSecond: number;
  /** The stretch of time the rate is measured over, and so also the shortest time a peer gets. */
  readonly grace: number;
}

/** Options of a connection. */
export interface ConnectionOptions {
  readonly timeouts?: Timeouts | undefined;
  readonly watermarks?: Watermarks | undefined;
  /** Unread bytes at which the peer is held back. Default 65,536. */
  readonly readAhead?: number | undefined;
  readonly minReadRate?: MinReadRate | undefined;
}

/** Connection options with every default filled in; shared by all connections of a listener. */
export interface ConnectionSettings {
  readonly timeouts: Timeouts & { readonly linger: number };
  readonly watermarks: Watermarks;
  readonly readAhead: number;
  readonly minReadRate: MinReadRate | undefined;
}

const DEFAULT_TIMEOUTS = { handshake: 10_000, write: 30_000, linger: 2_000 };
const DEFAULT_WATERMARKS: Watermarks = { low: 16 * 1024, high: 64 * 1024 };
const DEFAULT_READ_AHEAD = 64 * 1024;

/** Fills in the defaults. */
export function connectionSettings(options: ConnectionOptions = {}): ConnectionSettings {
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  return {
    timeouts: { ...timeouts, linger: timeouts.linger ?? DEFAULT_TIMEOUTS.linger },
    watermarks: options.watermarks ?? DEFAULT_WATERMARKS,
    readAhead: options.readAhead ?? DEFAULT_READ_AHEAD,
    minReadRate: options.minReadRate,
  };
}
