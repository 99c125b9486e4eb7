// Async code stuck on a channel nobody sends to, twice: each time the program goes on with the error.
import { Channel, run, scope } from "@plait/coroutine";

await run(async function first() {
  await new Channel().recv();
}).catch((error: Error) => console.log(`first ${error.name}`));
await run(function* second() {
  yield* scope(function* () {
    yield* new Channel().recv();
  });
}).catch((error: Error) => console.log(`second ${error.name}`));
