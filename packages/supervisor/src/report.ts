// Reports an error that a connection's handler did not catch: once, on standard error, with the connection and its peer.

/** Where an error happened; undefined for one that belongs to no connection. */
export interface ErrorPlace {
  /** The connection's id, for example `"p2.t1.c914"`. */
  readonly id: string;
  readonly peer: string;
}

/** Gives a function that writes one report, with the error's stack and causes, about what happens in a unit. */
export function reportsOf(unit: string): (error: unknown, where: ErrorPlace | undefined) => void {
  return (error, where) => console.error(`${where ? `${where.id} (${where.peer})` : unit}:`, error);
}
