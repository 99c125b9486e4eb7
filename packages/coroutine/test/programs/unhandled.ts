// A task outside every scope fails and nobody joins it.
import { sleep, spawn } from "@plait/coroutine";

process.on("uncaughtException", (error) => console.log(`uncaught: ${error.message}`));
const joined = spawn(function* () {
  throw new Error("joined in time");
});
joined.then(undefined, (error: Error) => console.log(`caught: ${error.message}`));
spawn(function* () {
  yield* sleep(1);
  throw new Error("nobody listened");
});
