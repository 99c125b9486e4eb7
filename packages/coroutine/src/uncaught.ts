// Errors that nobody is left to take.

/** Throws an error from the host's own level: an uncaught exception, as an unhandled rejection would become one. */
export function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
