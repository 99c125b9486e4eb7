// The same as echo-upper.ts, with await.
import { defineService } from "@plait/net";

export default defineService({
  async connection(conn) {
    for await (const chunk of conn) await conn.write(chunk.toString().toUpperCase());
  },
});
