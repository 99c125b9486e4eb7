// Two connections joined in memory, for tests and for code that talks to itself.
import { type Connection, openConnection } from "./connection.ts";
import { Link } from "./link.ts";
import { MemoryTransport, type Passage } from "./memory-transport.ts";
import { type ConnectionOptions, connectionSettings } from "./options.ts";
import type { Peer } from "./peer.ts";

/** Options of {@link pipe}. Those of a connection apply to both ends. */
export interface PipeOptions extends ConnectionOptions {
  /** Milliseconds from writing to arriving, on the scheduler's clock. Default 0: as soon as the writer waits. */
  readonly latency?: number;
  /**
   * How many bytes to deliver at once, of so many that were written together. Default: all of them. Give something
   * smaller to see that a protocol does not depend on how its bytes are split.
   */
  readonly chunk?: (bytes: number) => number;
}

let opened = 0;

/**
 * Makes two connections, each the other's peer. They obey back-pressure and half-close like sockets, without a
 * descriptor, and all their times are the scheduler's, so they run under virtual time.
 *
 * @example
 * const [client, server] = pipe({ chunk: () => 1 });
 * spawn(echo, server);
 * yield* client.write("hello\n");
 * yield* client.readLine(); // "hello"
 */
export function pipe(options: PipeOptions = {}): readonly [Connection, Connection] {
  const { latency = 0, chunk = (bytes: number) => bytes } = options;
  const passage: Passage = { latency, chunk };
  const name = `pipe${++opened}`;
  const [a, b] = [end(`${name}.a`), end(`${name}.b`)];
  const transports = [new MemoryTransport(a, b, passage), new MemoryTransport(b, a, passage)] as const;
  MemoryTransport.join(...transports);
  const settings = connectionSettings(options);
  const [left, right] = transports;
  return [openConnection(a.address, new Link(left, settings)), openConnection(b.address, new Link(right, settings))];
}

function end(address: string): Peer {
  return { address, port: 0, family: "memory" };
}
