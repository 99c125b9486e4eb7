// A ticker, a stop button and a queue in one select; a mutex and a semaphore with `using`; a local.
import { Channel, Event, Local, Mutex, run, Semaphore, select, sleep, spawn } from "@plait/coroutine";

const orders = new Channel<string>(8);
const stop = new Event("stop");
const ledger = new Mutex("ledger");
const slots = new Semaphore(2);
const user = new Local("nobody");
const book: string[] = [];

function* enter(text: string) {
  using _slot = yield* slots.acquire();
  using _lock = yield* ledger.lock();
  yield* sleep(1);
  book.push(`${user.get()}: ${text}`);
}

await run(function* () {
  const till = spawn(function* till() {
    for (;;) {
      const next = yield* select({ order: orders.recv(), stop: stop.wait() }, { fair: false });
      if (next.key === "stop") return;
      spawn(enter, next.value);
    }
  });
  yield* user.run("ada", function* () {
    yield* enter("opens the shop");
  });
  for (const order of ["tea", "milk", "sugar"]) yield* orders.send(order);
  yield* sleep(5);
  stop.set();
  yield* till;
});
console.log(book.join("\n"));
