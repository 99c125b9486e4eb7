// Errors that came second: one error can be thrown, the others are kept beside it.

const others = new WeakMap<object, unknown[]>();

/**
 * The errors that happened along with `error`, in order, which could not be thrown too: siblings that failed while
 * they were being cancelled, cleanups that failed after the body had.
 */
export function suppressed(error: unknown): readonly unknown[] {
  return (isObject(error) && others.get(error)) || [];
}

/** Keeps `other` beside `error`. */
export function suppress(error: unknown, other: unknown): void {
  if (other === error) return;
  if (!isObject(error)) {
    // A thrown primitive carries nothing. Say the second error aloud rather than lose it.
    process.emitWarning(other instanceof Error ? other : new Error("A second error was thrown.", { cause: other }));
    return;
  }
  const list = others.get(error);
  if (list === undefined) others.set(error, [other]);
  else list.push(other);
}

function isObject(error: unknown): error is object {
  return (typeof error === "object" && error !== null) || typeof error === "function";
}
