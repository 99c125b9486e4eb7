// Its stop waits for something that does not come, and holds a timer meanwhile.
import { defineService, sleep } from "plait";

export default defineService({
  *connection(conn) {
    yield* conn.write("hello\n");
  },
  *stop() {
    yield* sleep(3_600_000);
  },
});
