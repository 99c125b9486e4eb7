// Whether a thread ended by a promise's rejection that nobody handled: a number in shared memory, as Node's error event
// does not say.

/** 1 for a rejection, 0 so far. */
export type Rejection = Int32Array<SharedArrayBuffer>;

export function newRejection(): Rejection {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** Writes every error that nobody caught, with its stack, and notes whether it was a rejection. */
export function noteUncaught(rejection: Rejection): void {
  process.on("uncaughtExceptionMonitor", (error, origin) => {
    if (origin === "unhandledRejection") Atomics.store(rejection, 0, 1);
    // Node leaves the words to the main thread, which keeps the first line only.
    console.error(error);
  });
}

/** On the other side: whether it was one. */
export function isRejection(rejection: Rejection): boolean {
  return Atomics.load(rejection, 0) === 1;
}
