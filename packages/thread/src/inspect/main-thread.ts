// The main thread of a process, seen by its inspector: from a thread beside it, or from itself.
import { Session } from "node:inspector";
import { isMainThread } from "node:worker_threads";
import { type BlockedStack, readStack } from "./read-stack.ts";
import { type Recording, recordTarget } from "./recording.ts";
import { type Target, targetOf } from "./target.ts";

/**
 * Reads the stack of the main thread from a thread beside it.
 *
 * @param within in ms; undefined is returned when it can't be stopped by then: it is idle, or waits in native code
 */
export function mainThreadStack(within: number): Promise<BlockedStack | undefined> {
  return withMainThread((target) => readStack(target, within));
}

/** Records the main thread; see {@link recordTarget}. */
export function recordMainThread(recording: Recording, file: string): Promise<void> {
  return withMainThread((target) => recordTarget(target, recording, file));
}

async function withMainThread<T>(use: (target: Target) => Promise<T>): Promise<T> {
  const session = new Session();
  if (isMainThread) session.connect();
  else session.connectToMainThread();
  try {
    return await use(targetOf(session));
  } finally {
    session.disconnect();
  }
}
