// Why a process ended.
import type { Exit } from "@plait/policy";

/**
 * Classifies the end of a process from what the kernel said.
 *
 * @param asked what the supervisor had asked for, if it had
 * @param known.outOfHeap whether a line that it wrote {@link isOutOfHeap}
 * @param known.isOomKill asks whether the kernel killed it for memory; only of one that was killed
 */
export function processExit(
  code: number | null,
  signal: string | null,
  asked: Exit | undefined,
  { outOfHeap, isOomKill }: { readonly outOfHeap: boolean; readonly isOomKill: () => boolean },
): Exit {
  if (asked) return signal ? { ...asked, text: `${asked.text}, with ${signal}` } : asked;
  if (signal === "SIGABRT") {
    return outOfHeap
      ? { cause: "out-of-heap", text: "ran out of its heap, and V8 aborted it (SIGABRT)" }
      : { cause: "killed", text: "aborted (SIGABRT), as process.abort() and faults of native code do" };
  }
  if (signal === "SIGKILL" && isOomKill()) {
    return { cause: "out-of-memory", text: "killed by the kernel: out of the cgroup's memory" };
  }
  if (signal) return { cause: "killed", text: `killed by ${signal}` };
  return { cause: code === 0 ? "finished" : "exited", text: `exited with code ${code}` };
}

/** Whether a line on standard error is V8's last word about its heap. */
export function isOutOfHeap(line: string): boolean {
  return /^(FATAL ERROR:|# Fatal) .*out of memory/.test(line);
}
