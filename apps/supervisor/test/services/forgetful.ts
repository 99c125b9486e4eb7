// Closes every fifth connection of a unit without an answer.
import { defineService } from "plait";

export default defineService({
  *connection(conn) {
    if (/[05]$/.test(conn.id)) return;
    for (let chunk = yield* conn.read(); chunk !== null; chunk = yield* conn.read()) yield* conn.write(chunk);
  },
});
