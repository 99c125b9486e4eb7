// Whether a thread ended by a promise's rejection that nobody handled: a number in shared memory, as Node's error event
// does not say.

import { words } from "./thrown.ts";

/** 1 for a rejection, 0 so far. */
export type Rejection = Int32Array<SharedArrayBuffer>;

export function newRejection(): Rejection {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** Writes every error that nobody caught, with its stack, and notes whether it was a rejection. */
export function noteUncaught(rejection: Rejection): void {
  process.on("uncaughtExceptionMonitor", (error, origin) => {
    // The service may have a handler of its own; then this ends nothing.
    if (process.listenerCount("uncaughtException") > 0) return;
    if (origin === "unhandledRejection") Atomics.store(rejection, 0, 1);
    // Node leaves the words to the main thread, which keeps the first line only.
    try {
      console.error(error);
    } catch {
      // It can't even be shown.
      console.error(words(error));
    }
  });
}

/** On the other side: whether it was one. */
export function isRejection(rejection: Rejection): boolean {
  return Atomics.load(rejection, 0) === 1;
}
