// Why a thread ended.
import type { Exit } from "@plait/policy";

/**
 * Classifies the end of a worker thread.
 *
 * @param code what its `exit` event said
 * @param error what its `error` event said, if there was one
 * @param rejected whether that was a promise's rejection
 * @param asked whether the thread was told to end
 */
export function threadExit(code: number, error: unknown, rejected: boolean, asked: boolean): Exit {
  if (asked) return { cause: "planned", text: "stopped" };
  if (isOutOfMemory(error)) return { cause: "out-of-heap", text: "ran out of its heap" };
  if (rejected) return { cause: "rejected", text: `unhandled rejection: ${firstLine(error)}` };
  if (error !== undefined) return { cause: "crashed", text: `uncaught ${firstLine(error)}` };
  return { cause: code === 0 ? "finished" : "exited", text: `called process.exit(${code})` };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}

function firstLine(error: unknown): string {
  return String(error).split("\n", 1)[0] ?? "";
}
