// What is measured over the network, with the targets that are set for it.

/** One kind of traffic. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  /** What the server does with what it is sent. */
  readonly service: "echo" | "lines";
  readonly connections: number;
  /** What each connection sends, and waits to get back, again and again. */
  readonly message: Buffer;
  /** Messages for the count in one of those: 32 lines are 32. */
  readonly counts: number;
  /** Plait against raw `node:net`, at least. */
  readonly target: number;
}

const line = `${"x".repeat(63)}\n`;

export const scenarios: readonly Scenario[] = [
  echo("small", "64-byte messages, 50 connections", 50, 64, 1.15),
  echo("medium", "16 KiB messages, 20 connections", 20, 16 * 1024, 1),
  echo("large", "1 MiB messages, 4 connections", 4, 1024 * 1024, 1),
  {
    name: "lines",
    what: "32 lines of 64 bytes a packet, read and written line by line, 50 connections",
    service: "lines",
    connections: 50,
    message: Buffer.from(line.repeat(32)),
    counts: 32,
    target: 3,
  },
];

function echo(name: string, what: string, connections: number, bytes: number, target: number): Scenario {
  return { name, what, service: "echo", connections, message: Buffer.alloc(bytes, "x"), counts: 1, target };
}
