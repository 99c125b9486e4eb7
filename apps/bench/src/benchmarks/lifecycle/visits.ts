// A client that comes back again and again: what happened to each of its visits while something happened to the server.
import { connect } from "node:net";
import { setTimeout as pass } from "node:timers/promises";

export interface VisitCounts {
  served: number;
  /** Nobody took the connection. */
  refused: number;
  /** It was taken, and never had a reply. */
  cut: number;
}

type Outcome = keyof VisitCounts;

/** A visit that gets neither a reply nor an end by then is cut off. */
const PATIENCE_MS = 1000;

/** One connection, one message, one reply. */
export function visit(port: number): Promise<Outcome> {
  return new Promise((resolve) => {
    let connected = false;
    const socket = connect({ port, host: "127.0.0.1" }, () => {
      connected = true;
      socket.write("x");
    });
    const end = (outcome: Outcome) => {
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end(connected ? "cut" : "refused"), PATIENCE_MS);
    socket.once("close", () => clearTimeout(timer));
    socket.once("data", () => end("served"));
    socket.once("error", () => end(connected ? "cut" : "refused"));
    socket.once("end", () => end("cut"));
  });
}

/** Visits, one after the other, until it is told to stop. */
export async function visitWhile(port: number, signal: AbortSignal): Promise<VisitCounts> {
  const counts: VisitCounts = { served: 0, refused: 0, cut: 0 };
  while (!signal.aborted) {
    counts[await visit(port)]++;
    await pass(1);
  }
  return counts;
}
