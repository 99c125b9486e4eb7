// Stops a thread, reads its JavaScript stack and lets it go on.
import { fileURLToPath } from "node:url";
import { atMost } from "../time-limit.ts";
import { runningExpression } from "./running-task.ts";
import type { Target } from "./target.ts";

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

interface Event {
  readonly callFrames?: readonly Frame[];
  readonly scriptId?: string;
  readonly url?: string;
}

/** How long a thread may take to take note that nobody wants to stop it any more, in ms. */
const LET_GO_MS = 1_000;

/**
 * Reads the stack of a thread. The thread stands still meanwhile, for some tens of ms at most.
 *
 * @param within in ms; undefined is returned when it can't be stopped by then: it is idle, or waits in native code
 */
export async function readStack(target: Target, within: number): Promise<BlockedStack | undefined> {
  const over = new AbortController();
  try {
    return await atMost(within, stopAndRead(target, over.signal));
  } finally {
    over.abort();
    // Before the session ends, let the thread take this back: one that is stopped when nobody is there any more stays so
    // for ever. In native code it can't, and finds this in its queue behind the order to stop.
    await atMost(LET_GO_MS, target.ask("Debugger.disable"));
  }
}

async function stopAndRead(target: Target, over: AbortSignal): Promise<BlockedStack> {
  /** By script: a frame itself names no file. */
  const urls = new Map<string, string>();
  const stopped = Promise.withResolvers<readonly [Frame, ...Frame[]]>();
  target.onEvent((method, params) => {
    const { callFrames = [], scriptId = "", url = "" } = params as Event;
    if (method === "Debugger.scriptParsed") urls.set(scriptId, url);
    // Tell one that stops too late nothing: a step behind `Debugger.disable` ends the process, by a check of V8's.
    if (method !== "Debugger.paused" || over.aborted) return;
    const [innermost, ...others] = ofTheProgram(callFrames, urls);
    if (innermost) return stopped.resolve([innermost, ...others]);
    // Between two microtasks, only Node is on the stack: go on to the next line that is not Node's.
    void target.ask("Debugger.setBlackboxPatterns", { patterns: ["^node:"] });
    void target.ask("Debugger.stepInto");
  });
  void target.ask("Debugger.enable");
  void target.ask("Debugger.pause");
  const frames = await stopped.promise;
  const { callFrameId } = frames[0];
  const expression = { callFrameId, expression: runningExpression, returnByValue: true };
  const evaluated = (await target.ask("Debugger.evaluateOnCallFrame", expression)) as Evaluated | undefined;
  const running = evaluated?.result?.value;
  return {
    frames: frames.map((frame) => readable(frame, urls)),
    running: typeof running === "string" ? running : undefined,
  };
}

interface Evaluated {
  readonly result?: { readonly value?: unknown };
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
