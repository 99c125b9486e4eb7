// Stops a thread that does not answer, reads its JavaScript stack and lets it go on: the inspector's NodeWorker domain,
// from the process's main thread. Needs no flag, and costs a thread nothing until it is stopped.
//
// The domain is undocumented; test/watchdog/blocked-stack.test.ts fails when Node changes it.
import { Session } from "node:inspector";
import { fileURLToPath } from "node:url";
import { runningExpression } from "./running-task.ts";

/** What a thread was doing when it was stopped. */
export interface BlockedStack {
  /** Innermost first: `"parse (/srv/parse.ts:12:5)"`. */
  readonly frames: readonly string[];
  /** The coroutine that was running, see `tellRunning`; undefined when it was none. */
  readonly running: string | undefined;
}

interface Frame {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
}

interface FromThread {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly callFrames?: readonly Frame[]; readonly scriptId?: string; readonly url?: string };
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

/**
 * Reads the stack of a thread of this process. The thread stands still meanwhile, for some tens of ms at most.
 *
 * @param threadId the worker's `threadId`
 * @param within in ms; undefined is returned when it can't be stopped by then: it waits in native code, or is gone
 */
export async function blockedStack(threadId: number, within: number): Promise<BlockedStack | undefined> {
  const session = new Session();
  session.connect();
  const stack = Promise.withResolvers<BlockedStack | undefined>();
  const timer = setTimeout(() => stack.resolve(undefined), within);
  session.on("NodeWorker.attachedToWorker", ({ params: { sessionId, workerInfo } }) => {
    // The title is the only place where the thread's id stands: `workerId` counts in an order of its own.
    if (workerInfo.title.startsWith(`[worker ${threadId}]`)) stopAndRead(session, sessionId, stack.resolve);
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

function stopAndRead(session: Session, sessionId: string, done: (stack: BlockedStack) => void): void {
  let lastId = 0;
  const tell = (method: string, params: object = {}) => {
    const id = ++lastId;
    session.post("NodeWorker.sendMessageToWorker", { sessionId, message: JSON.stringify({ id, method, params }) });
    return id;
  };
  /** By script: a frame itself names no file. */
  const urls = new Map<string, string>();
  let frames: readonly Frame[] = [];
  let asked: number | undefined;
  session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
    if (params.sessionId !== sessionId) return;
    const { id, method, params: event, result } = JSON.parse(params.message) as FromThread;
    if (method === "Debugger.scriptParsed") {
      urls.set(event?.scriptId ?? "", event?.url ?? "");
    } else if (method === "Debugger.paused") {
      frames = ofTheProgram(event?.callFrames ?? [], urls);
      const [innermost] = frames;
      if (innermost === undefined) {
        // Between two microtasks, only Node is on the stack: go on to the next line that is not Node's.
        tell("Debugger.setBlackboxPatterns", { patterns: ["^node:"] });
        tell("Debugger.stepInto");
        return;
      }
      const { callFrameId } = innermost;
      asked = tell("Debugger.evaluateOnCallFrame", { callFrameId, expression: runningExpression, returnByValue: true });
    } else if (id !== undefined && id === asked) {
      // Disable the debugger, which also resumes: enabled, it keeps the thread's code from being optimised.
      tell("Debugger.disable");
      const running = result?.result?.value;
      done({
        frames: frames.map((frame) => readable(frame, urls)),
        running: typeof running === "string" ? running : undefined,
      });
    }
  });
  tell("Debugger.enable");
  tell("Debugger.pause");
}

function ofTheProgram(frames: readonly Frame[], urls: ReadonlyMap<string, string>): readonly Frame[] {
  return frames.filter(({ location }) => !urls.get(location.scriptId)?.startsWith("node:"));
}

function readable({ functionName, location }: Frame, urls: ReadonlyMap<string, string>): string {
  const { scriptId, lineNumber, columnNumber = 0 } = location;
  const url = urls.get(scriptId) ?? "";
  const file = url.startsWith("file:") ? fileURLToPath(url) : url;
  return `${functionName || "<anonymous>"} (${file}:${lineNumber + 1}:${columnNumber + 1})`;
}
