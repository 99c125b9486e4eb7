// Waits for each client's line and answers it; loops for ever when a client says so.
import { defineService } from "plait";

export default defineService({
  *connection(conn) {
    for (;;) {
      const line = yield* conn.readLine();
      if (line === null) return;
      if (line === "loop") loopForEver();
      yield* conn.write(`${conn.id}\n`);
    }
  },
});

function loopForEver(): void {
  for (let n = 0; ; n++) Math.sqrt(n);
}
