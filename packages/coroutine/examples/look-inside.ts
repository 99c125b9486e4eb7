// What a running program looks like from inside.
import { Channel, dump, instrument, run, sleep, spawn } from "@plait/coroutine";

const orders = new Channel<string>(0, { name: "orders" });

using _ = instrument({
  blockedAfter: 20,
  blocked: ({ ms, task }) => console.log(`${task.name} blocked the loop for ${Math.round(ms)} ms`),
});

await run(function* main() {
  const handler = spawn(function* handler(peer: string) {
    const order = yield* orders.recv();
    return `${peer} wants ${order}`;
  }, "10.0.0.7");
  spawn(function* busy() {
    const end = performance.now() + 30;
    while (performance.now() < end);
    yield* sleep(0);
  });
  yield* sleep(5);
  console.log(dump({ locals: true }));
  yield* orders.send("tea");
  console.log(yield* handler);
});
