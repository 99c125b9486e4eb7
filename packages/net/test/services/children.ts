// Handlers whose tasks fail or go on beside them, as the first line says.
import { sleep, spawn } from "@plait/coroutine";
import { type Connection, defineService } from "@plait/net";

/** Fails before its owner can join it. */
async function child(): Promise<never> {
  await null;
  throw new Error("a child failed");
}

async function failing(): Promise<void> {
  spawn(child);
  await sleep(60_000);
}

export default defineService({
  *connection(conn: Connection) {
    const line = yield* conn.readLine();
    if (line === "generator") {
      spawn(child);
      yield* sleep(60_000);
    } else if (line === "async") {
      yield* spawn(failing);
    } else if (line === "late") {
      spawn(function* () {
        yield* sleep(20);
        yield* conn.write("late\n");
      });
    } else {
      yield* conn.write(`${line}\n`);
      yield* conn.readLine();
    }
  },
  goodbye() {
    spawn(child);
  },
});
