// Answers every client in upper case. Each connection has a coroutine of its own.
import { defineService } from "plait";

export default defineService({
  *connection(conn) {
    for (;;) {
      const chunk = yield* conn.read(); // waits here; others are served meanwhile
      if (chunk === null) return; // the client is done
      yield* conn.write(chunk.toString().toUpperCase());
    }
  },
});
