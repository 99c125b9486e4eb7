// Writes eight megabytes and returns.
import { defineService } from "@plait/net";

export default defineService({
  *connection(conn) {
    for (let i = 0; i < 8; i++) yield* conn.write(Buffer.alloc(1024 * 1024, i));
  },
});
