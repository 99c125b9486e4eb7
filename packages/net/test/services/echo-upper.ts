// Answers every chunk in upper case.
import { defineService } from "@plait/net";

export default defineService({
  *connection(conn) {
    for (let chunk = yield* conn.read(); chunk !== null; chunk = yield* conn.read()) {
      yield* conn.write(chunk.toString().toUpperCase());
    }
  },
});
