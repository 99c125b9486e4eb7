// Why a process ended.
import type { Exit } from "@plait/policy";

/**
 * Classifies the end of a process from what the kernel said.
 *
 * @param asked whether the supervisor had asked for it
 */
export function processExit(code: number | null, signal: string | null, asked: boolean): Exit {
  if (asked) return { cause: "planned", text: signal ? `stopped with ${signal}` : "stopped" };
  // V8 aborts a process that ran out of its heap.
  if (signal === "SIGABRT")
    return { cause: "out-of-heap", text: "aborted (SIGABRT), as V8 does when it runs out of heap" };
  if (signal) return { cause: "killed", text: `killed by ${signal}` };
  return { cause: code === 0 ? "finished" : "crashed", text: `exited with code ${code}` };
}
