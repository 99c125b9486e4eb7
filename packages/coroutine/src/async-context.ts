// The async context (what every AsyncLocalStorage reads) of generators: kept per task, put in place for each step.
//
// Node offers no public way to read the current context as a value: a snapshot is a closure over 300 bytes that takes
// microseconds to make. The class behind it has two static functions that do it in nanoseconds. This file is the only
// one that knows, and test/async-context.test.ts fails when Node changes them.
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";

/** A context: opaque, shared, never changed in place. */
export type AsyncContext = unknown;

interface Frames {
  current(): AsyncContext;
  set(context: AsyncContext): void;
}

const frames: Frames | undefined = findFrames();

/** Whether generators keep their async context; not so under `--no-async-context-frame`. */
export const tracksAsyncContext: boolean = frames !== undefined;

/** The context that is in place. */
export const currentContext: () => AsyncContext = frames === undefined ? () => undefined : () => frames.current();

/** Puts a context in place, until the next call or the end of the host callback. */
export const enterContext: (context: AsyncContext) => void =
  frames === undefined ? () => {} : (context) => frames.set(context);

/** An async resource made inside a context keeps it, under a symbol, as an instance of the class we need. */
function findFrames(): Frames | undefined {
  return new AsyncLocalStorage().run(true, () => {
    const resource = new AsyncResource("plait");
    const symbol = Object.getOwnPropertySymbols(resource).find((key) => key.description === "context_frame");
    const frame: unknown = symbol === undefined ? undefined : Reflect.get(resource, symbol);
    const found: unknown = typeof frame === "object" && frame !== null ? frame.constructor : undefined;
    return isFrames(found) ? { current: () => found.current(), set: (context) => found.set(context) } : undefined;
  });
}

function isFrames(found: unknown): found is Frames {
  return (
    typeof found === "function" &&
    typeof Reflect.get(found, "current") === "function" &&
    typeof Reflect.get(found, "set") === "function"
  );
}
