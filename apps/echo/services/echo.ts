// The upper-case echo service: one coroutine a connection.
import { defineService } from "plait";
import { upperCase } from "./upper-case.ts";

export default defineService({
  *connection(conn) {
    for (;;) {
      const chunk = yield* conn.read();
      if (chunk === null) return;
      yield* conn.write(upperCase(chunk));
    }
  },
});
