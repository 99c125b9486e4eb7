// What a user exports: the code that serves connections.
import type { Connection } from "./connection.ts";

/** What a service is told when it starts. */
export interface ServiceContext {
  /** The unit it runs in: "p1.t2". */
  readonly unit: string;
}

/** Functions by name. */
export type ServiceMethods = Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * Code that serves connections. Every function may be a generator (`*connection`), async, or plain.
 *
 * A connection's handler owns it: when the handler returns, what it wrote is sent and the connection is closed; when it
 * throws, the same happens and the error is logged once, with the connection's id and peer, unless the peer caused it
 * ({@link PeerError}).
 */
export interface Service<M extends ServiceMethods = ServiceMethods> {
  /** Serves one connection, in a coroutine of its own. */
  connection(conn: Connection): unknown;
  /** Runs once in every unit, before its first connection. What it throws keeps the unit from starting. */
  start?(context: ServiceContext): unknown;
  /** Runs once in every unit, after its last connection. */
  stop?(): unknown;
  /**
   * Called for each open connection when the unit begins to drain, beside its handler: the place to say goodbye in the
   * protocol's own words. From then on `conn.draining` is true.
   */
  goodbye?(conn: Connection): unknown;
  /**
   * What the other threads of the process and the supervisor may call (`remote`, `supervisor call`): its own enumerable
   * functions, each call in a task of its own. A function that returns an async iterable answers with a stream.
   */
  readonly methods?: M;
}

/**
 * Declares a service; gives editors and the compiler the types.
 *
 * @example
 * export default defineService({
 *   *connection(conn) {
 *     for (let line = yield* conn.readLine(); line !== null; line = yield* conn.readLine()) {
 *       yield* conn.write(`${line.toUpperCase()}\n`);
 *     }
 *   },
 * });
 */
export function defineService<M extends ServiceMethods = Record<never, never>>(service: Service<M>): Service<M> {
  return service;
}
