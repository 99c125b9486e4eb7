// Two tasks take two mutexes in opposite order, and a third sleeps: a cycle first, and a deadlock once the third is done.
import { Mutex, run, sleep, spawn } from "@plait/coroutine";

const orders = new Mutex("orders");
const stock = new Mutex("stock");

function* take(first: Mutex, second: Mutex) {
  using _first = yield* first.lock();
  yield* sleep(1);
  using _second = yield* second.lock();
}

process.on("warning", (warning: NodeJS.ErrnoException) => console.log(`warning ${warning.code}: ${warning.message}`));

await run(function* main() {
  spawn(function* checkout() {
    yield* take(orders, stock);
  });
  spawn(function* restock() {
    yield* take(stock, orders);
  });
  yield* sleep(20);
  console.log("the rest kept running");
}).catch((error: Error & { cycle?: readonly { name: string }[] }) => {
  console.log(`${error.name}: ${error.message}`);
  console.log(`cycle: ${error.cycle?.map((task) => task.name).join(", ")}`);
});
