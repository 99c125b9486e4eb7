// What cancel does: waits throw, cleanup that waits runs under a shield, deferred cleanup runs last and in reverse.
import { run, scope, shield, sleep, spawn } from "@plait/coroutine";

await run(function* () {
  const session = spawn(function* session() {
    yield* scope(function* (s) {
      s.defer(() => console.log("connection closed"));
      s.spawn(async function heartbeat() {
        for (;;) {
          console.log("beat");
          await sleep(1000);
        }
      });
      try {
        yield* sleep(60_000);
      } finally {
        yield* shield(function* () {
          yield* sleep(1);
          console.log("said goodbye");
        });
      }
    });
  });
  yield* sleep(5);
  yield* session.cancel("shutting down");
  console.log(session.outcome?.status);
});
