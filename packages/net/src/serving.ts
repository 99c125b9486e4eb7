// The two ways a host serves a socket, coroutines and a server of Node's, behind one shape.
import type { Admitted } from "./listener.ts";
import type { ConnectionOutcome } from "./outcome.ts";

/** What a failed connection is reported with. */
export interface ConnectionName {
  /** "p1.t2.c7" */
  readonly id: string;
  /** "127.0.0.1:4100" */
  readonly peer: string;
}

/** Receives every error that is the service's own. Not called for what a peer caused. */
export type OnError = (error: unknown, where: ConnectionName | undefined) => void;

/** Hears, once, that a connection has ended and its descriptor is gone. */
export interface EndListener {
  ended(outcome: ConnectionOutcome): void;
}

/** What is known of a connection from outside. */
export interface ConnectionFacts {
  /** Who is at the other end: `"127.0.0.1:4100"`. */
  readonly peer: string;
  /** For how long it has been served, in ms. */
  readonly ageMs: number;
}

/** Serves sockets until each has ended. */
export interface Serving {
  /** Serves one socket. Never throws. */
  serve(admitted: Admitted, id: string, listener: EndListener): void;
  /** Of a connection that a coroutine serves; of another it is not known. */
  connectionOf(id: string): ConnectionFacts | undefined;
  /** A stop is coming: says goodbye on open connections. */
  drain(): void;
  /** Cuts off what is left. Resolves when every coroutine has ended; descriptors may follow. */
  cancel(reason: unknown): Promise<void>;
}
