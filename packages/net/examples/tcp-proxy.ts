// A TCP proxy: every connection is joined to one of its own to the target in TARGET ("127.0.0.1:5432").
import { type Co, scope } from "@plait/coroutine";
import { type Connection, connect, defineService } from "@plait/net";

function* pump(from: Connection, to: Connection): Co<void> {
  // A write waits while the other side is behind, so the faster side is held back.
  for (let chunk = yield* from.read(); chunk !== null; chunk = yield* from.read()) yield* to.write(chunk);
  yield* to.closeWrite();
}

export default defineService({
  *connection(client) {
    const [host = "", port = ""] = (process.env.TARGET ?? "").split(":");
    const target = yield* connect({ host, port: Number(port), connectTimeout: 5000 });
    try {
      // Half-closes pass through; if one direction fails, the other is cancelled.
      yield* scope(function* (directions) {
        directions.spawn(pump, client, target);
        directions.spawn(pump, target, client);
      });
      yield* target.close();
    } finally {
      target.reset();
    }
  },
});
