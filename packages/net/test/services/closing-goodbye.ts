// Echoes, and ends every connection itself when the unit drains.
import { defineService } from "@plait/net";

export default defineService({
  *connection(conn) {
    for (let chunk = yield* conn.read(); chunk !== null; chunk = yield* conn.read()) yield* conn.write(chunk);
  },
  async goodbye(conn) {
    await conn.write("so long");
    await conn.close();
  },
});
