// Lets dumps show where the inner generator of a task stands, when the outer one is only a frame around it.
import { loop } from "./loop.ts";

/**
 * To be delegated to at once: `yield* delegating(body)`. V8 tells where a suspended generator stands, but for one that
 * delegates it is that `yield*` and not where the other one waits.
 */
export function delegating<B extends Generator<unknown, unknown, never>>(body: B): B {
  if (loop.running !== null) loop.running.inner = body;
  return body;
}
