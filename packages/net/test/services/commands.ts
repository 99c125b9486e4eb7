// Does what each line says: one misbehaviour per command.
import { sleep } from "@plait/coroutine";
import { type Connection, defineService } from "@plait/net";

export const log: string[] = [];

export default defineService({
  start({ unit }) {
    log.push(`start ${unit}`);
  },
  async stop() {
    log.push("stop");
  },
  *goodbye(conn) {
    yield* conn.write("goodbye\n");
  },
  *connection(conn) {
    for (let line = yield* conn.readLine(); line !== null; line = yield* conn.readLine()) {
      if (line === "throw") throw new Error("thrown on command");
      if (line === "return") {
        log.push("returned");
        return;
      }
      if (line === "reset") conn.reset();
      else if (line === "hang") yield* sleep(Number.POSITIVE_INFINITY);
      else if (line === "who") yield* conn.write(`${conn.id} ${describe(conn)}\n`);
      else yield* conn.write(`${line}\n`);
    }
  },
});

function describe({ remote, local }: Connection): string {
  return `${remote.family} ${remote.address} ${local.address}`;
}
