// Reads the stack of a thread that does not answer: the inspector's NodeWorker domain, from the process's main thread.
// Needs no flag, and costs a thread nothing until it is stopped.
//
// The domain is undocumented; test/blocked-stack.test.ts fails when Node changes it.
import { Session } from "node:inspector";
import { type BlockedStack, readStack } from "./read-stack.ts";
import { workerTarget } from "./target.ts";

/** The reading that is under way: two debuggers at once would stop each other's threads. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Reads the stack of a thread of this process. The thread stands still meanwhile, for some tens of ms at most.
 *
 * @param threadId the worker's `threadId`
 * @param within in ms; undefined is returned when it can't be stopped by then: it waits in native code, or is gone
 */
export function blockedStack(threadId: number, within: number): Promise<BlockedStack | undefined> {
  const read = last.then(() => attachAndRead(threadId, within));
  last = read.catch(() => {});
  return read;
}

/** Settles when no stack is being read. */
export async function stacksRead(): Promise<void> {
  await last;
}

async function attachAndRead(threadId: number, within: number): Promise<BlockedStack | undefined> {
  const session = new Session();
  session.connect();
  const stack = Promise.withResolvers<BlockedStack | undefined>();
  const timer = setTimeout(() => stack.resolve(undefined), within);
  session.on("NodeWorker.attachedToWorker", ({ params: { sessionId, workerInfo } }) => {
    // The title is the only place where the thread's id stands: `workerId` counts in an order of its own.
    if (!workerInfo.title.startsWith(`[worker ${threadId}]`)) return;
    clearTimeout(timer);
    readStack(workerTarget(session, sessionId), within).then(stack.resolve, stack.reject);
  });
  session.on("NodeWorker.detachedFromWorker", () => {});
  session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
  try {
    return await stack.promise;
  } finally {
    clearTimeout(timer);
    // Let go of every thread: one that is still attached waits for its debugger when it ends.
    session.post("NodeWorker.disable", () => session.disconnect());
  }
}
