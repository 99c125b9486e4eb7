// Clients that connect, send, wait for the number of the slot that answers, and leave; again and again.

import { connect } from "node:net";
import { createHistogram } from "node:perf_hooks";
import { setTimeout as pass } from "node:timers/promises";

/** What became of the connections of the measured time. */
export interface Visits {
  readonly seconds: number;
  /** By slot. */
  readonly served: readonly number[];
  /** Ended without an answer. */
  readonly lost: number;
  readonly refused: number;
  /** From the call of `connect` to the answer, in ms. */
  readonly p999: number;
  readonly longest: number;
}

const MESSAGE = Buffer.alloc(64, "x");

/**
 * So many at once, for so many ms after a while that does not count.
 *
 * @param onBegin called when the measured time begins
 */
export async function visit(
  port: number,
  onBegin: () => void,
  { clients, slots, warmUpMs, ms }: { clients: number; slots: number; warmUpMs: number; ms: number },
): Promise<Visits> {
  const times = createHistogram({ figures: 3 });
  const served = Array<number>(slots).fill(0);
  let [lost, refused, counts, going] = [0, 0, false, true];
  const one = () =>
    new Promise<void>((resolve) => {
      const from = performance.now();
      const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => socket.write(MESSAGE));
      let slot: number | undefined;
      let wasRefused = false;
      socket.once("data", (bytes: Buffer) => {
        slot = bytes[0];
        if (counts) times.record(Math.max(1, Math.round((performance.now() - from) * 1e6)));
        socket.destroy();
      });
      socket.on("end", () => socket.destroy());
      socket.on("error", (error: NodeJS.ErrnoException) => {
        wasRefused = error.code === "ECONNREFUSED";
      });
      socket.once("close", () => {
        if (counts) {
          if (slot !== undefined) served[slot] = (served[slot] ?? 0) + 1;
          else if (wasRefused) refused++;
          else lost++;
        }
        resolve();
      });
    });
  const visitors = Array.from({ length: clients }, async () => {
    while (going) await one();
  });
  await pass(warmUpMs);
  onBegin();
  counts = true;
  const began = performance.now();
  await pass(ms);
  const seconds = (performance.now() - began) / 1_000;
  going = false;
  // Who still waits counts: that is what a queue without a process costs.
  await Promise.all(visitors);
  return { seconds, served, lost, refused, p999: times.percentile(99.9) / 1e6, longest: times.max / 1e6 };
}
