// Why a thread ended.
import type { Exit } from "@plait/policy";

/** What is known of a thread that is gone. */
export interface ThreadEnd {
  /** What its `exit` event said. */
  readonly code: number;
  /** What its `error` event said, if there was one: anything can be thrown. */
  readonly uncaught: { readonly error: unknown } | undefined;
  /** Whether that was a promise's rejection. */
  readonly rejected: boolean;
  /** Whether it was told to end. */
  readonly asked: boolean;
  /** Whether it was ended from outside. */
  readonly killed: boolean;
}

/** Classifies the end of a worker thread. One that was told to end may still end otherwise. */
export function threadExit({ code, uncaught, rejected, asked, killed }: ThreadEnd): Exit {
  if (uncaught) {
    const { error } = uncaught;
    if (isOutOfMemory(error)) return { cause: "out-of-heap", text: "ran out of its heap" };
    if (rejected) return { cause: "rejected", text: `unhandled rejection: ${firstLine(error)}` };
    return { cause: "crashed", text: `uncaught ${firstLine(error)}` };
  }
  if (asked && (killed || code === 0)) return { cause: "planned", text: "stopped" };
  if (killed) return { cause: "killed", text: "was ended at once" };
  return { cause: code === 0 ? "finished" : "exited", text: `called process.exit(${code})` };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}

function firstLine(error: unknown): string {
  return String(error).split("\n", 1)[0] ?? "";
}
