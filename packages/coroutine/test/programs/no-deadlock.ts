// Waits that look stuck and are not: a callback, a timer, a promise of the host.
import { readFile } from "node:fs/promises";
import { Channel, run, sleep, spawn, suspend, until } from "@plait/coroutine";

await run(function* () {
  const done = new Channel<string>();
  spawn(function* () {
    yield* until(readFile(import.meta.filename));
    yield* done.send("file");
  });
  spawn(function* () {
    yield* sleep(30);
    yield* done.send("timer");
  });
  spawn(function* () {
    yield* suspend<void>((resume) => void setTimeout(resume, 10));
    yield* done.send("callback");
  });
  for (let i = 0; i < 3; i++) console.log(yield* done.recv());
});
