// A new connection for every message: connect, send, wait for the reply, close.
import { setTimeout as pass } from "node:timers/promises";
import { openClient } from "./client.ts";
import { Stopwatch } from "./stopwatch.ts";
import type { ChurnOrder } from "./wire.ts";

export async function churn({ port, warmUpMs, ms, atOnce, message }: ChurnOrder): Promise<void> {
  const watch = new Stopwatch();
  const bytes = Buffer.from(message);
  let served = 0;
  const visit = () => {
    const from = performance.now();
    openClient(
      port,
      bytes.length,
      (socket) => socket.write(bytes),
      (socket) => {
        served++;
        watch.note(from);
        socket.destroy();
        visit();
      },
      () => {
        watch.errors++;
        setImmediate(visit);
      },
    );
  };
  for (let i = 0; i < atOnce; i++) visit();
  await pass(warmUpMs);
  watch.begin();
  served = 0;
  await pass(ms);
  watch.end([served]);
}
