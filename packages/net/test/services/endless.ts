// Writes as fast as it is let, and notes the most that ever waited.
import { defineService } from "@plait/net";

export const most = { unsent: 0 };

export default defineService({
  *connection(conn) {
    for (;;) {
      yield* conn.write(Buffer.alloc(16 * 1024));
      most.unsent = Math.max(most.unsent, conn.unsent);
    }
  },
});
