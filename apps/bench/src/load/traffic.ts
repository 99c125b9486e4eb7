// Connections that stay, and send again as soon as they have their reply.
import { setTimeout as pass } from "node:timers/promises";
import { askReplyBytes, openClient } from "./client.ts";
import { Stopwatch } from "./stopwatch.ts";
import type { TrafficOrder } from "./wire.ts";

export async function traffic({ port, warmUpMs, ms, groups }: TrafficOrder): Promise<void> {
  const watch = new Stopwatch();
  const counts = groups.map(() => 0);
  const connected: Promise<void>[] = [];
  for (const [index, { connections, message, replyBytes, timed }] of groups.entries()) {
    const bytes = Buffer.from(message);
    const expected = replyBytes === "asked" ? await askReplyBytes(port, message) : replyBytes;
    for (let i = 0; i < connections; i++) {
      const { promise, resolve } = Promise.withResolvers<void>();
      connected.push(promise);
      let sentAt = 0;
      openClient(
        port,
        expected,
        (socket) => {
          resolve();
          sentAt = performance.now();
          socket.write(bytes);
        },
        (socket) => {
          counts[index] = (counts[index] ?? 0) + 1;
          if (timed) {
            watch.note(sentAt);
            sentAt = performance.now();
          }
          socket.write(bytes);
        },
        () => {
          watch.errors++;
          resolve();
        },
      );
    }
  }
  await Promise.all(connected);
  const before = watch.errors;
  await pass(warmUpMs);
  if (before > 0) throw new Error(`${before} of ${connected.length} connections failed`);
  watch.begin();
  counts.fill(0);
  await pass(ms);
  watch.end(counts);
}
