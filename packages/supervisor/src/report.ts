// Reports an error that a connection's handler did not catch: once, on standard error, with the connection and its peer.

/** Where an error happened; undefined for one that belongs to no connection. */
export interface ErrorPlace {
  /** The connection's id, for example `"p2.t1.c914"`. */
  readonly id: string;
  readonly peer: string;
}

/** Writes one report with the error's stack and causes. */
export function reportServiceError(error: unknown, where: ErrorPlace | undefined): void {
  const place = where ? `${where.id} (${where.peer})` : (process.env.PLAIT_UNIT ?? "service");
  console.error(`${place}:`, error);
}
