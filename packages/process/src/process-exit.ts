// Why a process ended.
import type { Exit } from "@plait/policy";

/**
 * Classifies the end of a process from what the kernel said.
 *
 * @param isOomKill asks whether the kernel killed it for memory; only of one that was killed
 * @param asked what the supervisor had asked for, if it had
 */
export function processExit(
  code: number | null,
  signal: string | null,
  asked: Exit | undefined,
  isOomKill: () => boolean,
): Exit {
  if (asked) return signal ? { ...asked, text: `${asked.text}, with ${signal}` } : asked;
  // V8 aborts a process that ran out of its heap.
  if (signal === "SIGABRT")
    return { cause: "out-of-heap", text: "aborted (SIGABRT), as V8 does when it runs out of heap" };
  if (signal === "SIGKILL" && isOomKill()) {
    return { cause: "out-of-memory", text: "killed by the kernel: out of the cgroup's memory" };
  }
  if (signal) return { cause: "killed", text: `killed by ${signal}` };
  return { cause: code === 0 ? "finished" : "crashed", text: `exited with code ${code}` };
}
