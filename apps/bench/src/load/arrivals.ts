// Clients that arrive all at once, time and again, while other connections keep the server busy. A client's first round
// trip begins when it starts to connect.
import { setTimeout as pass } from "node:timers/promises";
import { openClient } from "./client.ts";
import { Stopwatch } from "./stopwatch.ts";
import type { ArrivalsOrder } from "./wire.ts";

export async function arrivals(order: ArrivalsOrder): Promise<void> {
  const watch = new Stopwatch();
  const bytes = Buffer.from(order.message);
  for (let i = 0; i < order.busyConnections; i++) {
    const send = (socket: { write(bytes: Buffer): unknown }) => void socket.write(bytes);
    openClient(order.port, bytes.length, send, send, () => watch.errors++);
  }
  await pass(order.warmUpMs);
  watch.begin();
  const until = performance.now() + order.ms;
  let round = 0;
  do {
    await Promise.all(Array.from({ length: order.clients }, () => stay(order, bytes, watch)));
    round++;
  } while (performance.now() < until);
  watch.end([round * order.clients * order.messages]);
}

function stay({ port, messages }: ArrivalsOrder, bytes: Buffer, watch: Stopwatch): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let from = performance.now();
  let left = messages;
  openClient(
    port,
    bytes.length,
    (socket) => socket.write(bytes),
    (socket) => {
      watch.note(from);
      if (--left === 0) {
        socket.destroy();
        resolve();
        return;
      }
      from = performance.now();
      socket.write(bytes);
    },
    () => {
      watch.errors++;
      resolve();
    },
  );
  return promise;
}
