// A chat room: the first line is a name, every other line goes to everybody else in the room.
// One thread holds the room: start it with `--processes 1 --threads 1`.
import { type Connection, defineService } from "@plait/net";

const room = new Map<string, Connection>();

function say(line: string, except?: string): void {
  for (const [name, conn] of room) {
    if (name === except || conn.closed) continue;
    // Nobody waits for a slow reader: who has too much waiting loses the line.
    conn.tryWrite(`${line}\n`);
  }
}

export default defineService({
  *connection(conn) {
    yield* conn.write("Your name?\n");
    const name = (yield* conn.readLine({ max: 32 }))?.trim();
    if (!name || room.has(name)) {
      yield* conn.write("That name is taken, or none.\n");
      return;
    }
    yield* conn.write(`Here: ${[...room.keys()].join(", ") || "nobody else"}\n`);
    room.set(name, conn);
    say(`* ${name} is here`, name);
    try {
      for (let line = yield* conn.readLine({ max: 1024 }); line !== null; line = yield* conn.readLine({ max: 1024 })) {
        say(`${name}: ${line}`, name);
      }
    } finally {
      room.delete(name);
      say(`* ${name} is gone`);
    }
  },

  async goodbye(conn) {
    await conn.write("* The room closes.\n");
    await conn.close();
  },
});
