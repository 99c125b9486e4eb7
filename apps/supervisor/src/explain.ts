// Turns an error into the paragraph that a person reads.

/** The innermost of an error's causes that is Plait's own: the one that says what to do about it. */
export function rootOf(error: unknown): Error {
  let root = error instanceof Error ? error : new Error(String(error));
  for (let cause = root.cause; cause instanceof Error; cause = cause.cause) {
    if (isOurs(cause)) root = cause;
  }
  return root;
}

/** One paragraph for a user's mistake; the whole stack for an error that Plait did not foresee. */
export function explain(error: unknown): string {
  const root = rootOf(error);
  return isOurs(root) ? root.message : (root.stack ?? root.message);
}

function isOurs(error: Error): boolean {
  return "code" in error && typeof error.code === "string" && error.code.startsWith("ERR_PLAIT_");
}
