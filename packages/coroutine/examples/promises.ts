// With the patch, any promise can be waited on with yield*, and a blocking call in a task is an error with its line.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { run } from "@plait/coroutine";
import { BlockingCallError, patch } from "@plait/coroutine/patch";

patch({ blockingCalls: "throw" });

await run(function* () {
  const text = yield* readFile(import.meta.filename, "utf8");
  console.log(text.split("\n")[0]);
  try {
    readFileSync(import.meta.filename);
  } catch (error) {
    if (error instanceof BlockingCallError) console.log("blocking call refused");
  }
});
