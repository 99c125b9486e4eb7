// The same as `echo.ts` in async style.
import { defineService } from "plait";

export default defineService({
  async connection(conn) {
    for await (const chunk of conn) await conn.write(chunk.toString().toUpperCase());
  },
});
