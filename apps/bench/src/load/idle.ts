// Connections that are spoken to once and then stay silent until the harness has looked at what they cost.
import { openClient } from "./client.ts";
import { Stopwatch } from "./stopwatch.ts";
import type { IdleOrder } from "./wire.ts";

/** Opened at a time: a storm would measure the queue. */
const BATCH = 250;

export async function idle({ port, connections }: IdleOrder): Promise<void> {
  const watch = new Stopwatch();
  watch.begin();
  for (let open = 0; open < connections; open += BATCH) {
    await Promise.all(Array.from({ length: Math.min(BATCH, connections - open) }, () => speakOnce(port, watch)));
  }
  watch.end([connections - watch.errors]);
}

function speakOnce(port: number, watch: Stopwatch): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  openClient(
    port,
    1,
    (socket) => socket.write("x"),
    () => resolve(),
    () => {
      watch.errors++;
      resolve();
    },
  );
  return promise;
}
