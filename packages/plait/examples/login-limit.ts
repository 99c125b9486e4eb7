// Lets so many in a second log in, over all threads of a process, and counts them. Start it with `--threads 4`.
import { defineService, SharedRate, sharedMemory } from "plait";

const limit = { perSecond: 5, burst: 10 };

export default defineService({
  *connection(conn) {
    const logins = new Int32Array(yield* sharedMemory("logins", 4));
    const rate = new SharedRate(yield* sharedMemory("login rate", SharedRate.bytes(1)), 0);
    for (let name = yield* conn.readLine(); name !== null; name = yield* conn.readLine()) {
      if (!rate.allows(limit)) yield* conn.write("later, please\n");
      else yield* conn.write(`welcome ${name}, you are number ${Atomics.add(logins, 0, 1) + 1}\n`);
    }
  },
});
