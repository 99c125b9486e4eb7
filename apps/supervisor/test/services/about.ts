// Tells each client which connection it is, and what the compute pool allows.
import { defineService, offload } from "plait";

export default defineService({
  *connection(conn) {
    for (let line = yield* conn.readLine(); line !== null; line = yield* conn.readLine()) {
      yield* conn.write(`${conn.id} ${offload.stats.threads} ${offload.stats.queue}\n`);
    }
  },
});
