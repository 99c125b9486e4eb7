// A chat room over every thread of a process. Start it with `--processes 1 --threads 4`.
import { type Connection, defineService, remote, ThreadExitedError, UnitNotServingError } from "plait";

/** Who is on this thread. */
const members = new Set<Connection>();

const methods = {
  /** Says a line to everybody on this thread; returns how many that are. */
  say(line: string): number {
    for (const member of members) member.tryWrite(`${line}\n`);
    return members.size;
  },
};

/** Says a line to everybody on a thread; 0 when it has just ended, and everybody on it with it. */
function* sayOn(unit: string, line: string) {
  try {
    return yield* remote<{ methods: typeof methods }>(unit, { timeout: 1_000 }).say(line);
  } catch (error) {
    if (error instanceof ThreadExitedError || error instanceof UnitNotServingError) return 0;
    throw error;
  }
}

export default defineService({
  methods,
  *connection(conn) {
    members.add(conn);
    try {
      for (let line = yield* conn.readLine(); line !== null; line = yield* conn.readLine()) {
        let heard = 0;
        for (const unit of yield* remote.units()) heard += yield* sayOn(unit, `${conn.id}: ${line}`);
        yield* conn.write(`heard by ${heard}\n`);
      }
    } finally {
      members.delete(conn);
    }
  },
});
