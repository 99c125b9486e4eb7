// Why a process ended, from what the kernel and its last lines say.
import { expect, test } from "vitest";
import { isOutOfHeap, processExit } from "../src/process-exit.ts";

const never = () => false;

test("an abort is out of heap only if V8 said so", () => {
  expect(processExit(null, "SIGABRT", undefined, { outOfHeap: true, isOomKill: never }).cause).toBe("out-of-heap");
  expect(processExit(null, "SIGABRT", undefined, { outOfHeap: false, isOomKill: never })).toEqual({
    cause: "killed",
    text: "aborted (SIGABRT), as process.abort() and faults of native code do",
  });
  const [line] = ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"];
  expect(isOutOfHeap(line)).toBe(true);
  expect(isOutOfHeap("the cache is out of memory")).toBe(false);
});

test("an exit code and a kill by the kernel are told apart from what was asked for", () => {
  const asked = { cause: "planned", text: "stopped" } as const;
  const known = { outOfHeap: false, isOomKill: () => true };
  expect(processExit(3, null, undefined, known)).toEqual({ cause: "exited", text: "exited with code 3" });
  expect(processExit(0, null, undefined, known).cause).toBe("finished");
  expect(processExit(null, "SIGKILL", undefined, known).cause).toBe("out-of-memory");
  expect(processExit(null, "SIGTERM", undefined, known).cause).toBe("killed");
  expect(processExit(null, "SIGKILL", asked, known)).toEqual({ cause: "planned", text: "stopped, with SIGKILL" });
});
