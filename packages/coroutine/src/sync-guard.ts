// Calls that block the thread, made inside a task: reported with the task and the line.
import { createRequire, syncBuiltinESMExports } from "node:module";
import { currentTask } from "./current.ts";

/** Thrown in place of a blocking call under `blockingCalls: "throw"`. */
export class BlockingCallError extends Error {
  override readonly name = "BlockingCallError";
  readonly code = "ERR_PLAIT_BLOCKING_CALL";
}

/** What happens to a blocking call inside a task. */
export type BlockingCalls = "report" | "throw" | "allow";

type Target = Record<string, unknown>;
type Call = (...args: unknown[]) => unknown;

const MODULES = ["node:fs", "node:child_process", "node:crypto", "node:zlib"] as const;
const require = createRequire(import.meta.url);
let restore: (() => void) | undefined;
const reported = new Set<string>();

/** Wraps the `*Sync` functions of Node's modules and `Atomics.wait`; each still does what it did. */
export function guardSyncCalls(action: BlockingCalls): void {
  releaseSyncCalls();
  if (action === "allow") return;
  const undo: (() => void)[] = [];
  for (const id of MODULES) {
    const target = require(id) as Target;
    for (const name of Object.keys(target)) {
      if (name.endsWith("Sync")) wrap(target, name, `${id.slice("node:".length)}.${name}`, action, undo);
    }
  }
  wrap(Atomics as unknown as Target, "wait", "Atomics.wait", action, undo);
  syncBuiltinESMExports();
  restore = () => {
    for (const one of undo) one();
    syncBuiltinESMExports();
  };
}

export function releaseSyncCalls(): void {
  restore?.();
  restore = undefined;
  reported.clear();
}

function wrap(target: Target, name: string, label: string, action: BlockingCalls, undo: (() => void)[]): void {
  const original = target[name];
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  if (typeof original !== "function" || descriptor === undefined || !("value" in descriptor)) return;
  const guarded = function (this: unknown, ...args: unknown[]): unknown {
    notice(label, action, guarded);
    return Reflect.apply(original as Call, this, args);
  };
  // Name, length, and what hangs on it: `fs.realpathSync.native`.
  Object.defineProperties(guarded, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(target, name, { ...descriptor, value: guarded });
  undo.push(() => Object.defineProperty(target, name, descriptor));
}

function notice(label: string, action: BlockingCalls, caller: Call): void {
  const task = currentTask();
  if (task === undefined) return;
  const at: { stack?: string } = {};
  Error.captureStackTrace(at, caller);
  const place = at.stack?.split("\n")[1]?.trim() ?? "";
  // Node's own modules, loading a file for an import, are not the program's doing.
  if (place.includes("node:")) return;
  const message = `Task "${task.name}" (${task.id}) called ${label} ${place}: it blocks every task of the thread. Use the promise API, or another thread.`;
  if (action === "throw") throw new BlockingCallError(message);
  if (reported.has(place)) return;
  reported.add(place);
  process.emitWarning(message, { code: "PLAIT_BLOCKING_CALL" });
}
