import { expect, test } from "vitest";
import { type ThreadEnd, threadExit } from "../src/thread-exit.ts";

const end = (known: Partial<ThreadEnd>) =>
  threadExit({ code: 1, uncaught: undefined, rejected: false, asked: false, killed: false, ...known });

test("an error that nobody caught is why, whoever asked the thread to end, and whatever was thrown", () => {
  for (const asked of [false, true]) {
    expect(end({ asked, uncaught: { error: new Error("boom\nand more") } }).text).toBe("uncaught Error: boom");
    expect(end({ asked, uncaught: { error: undefined } })).toEqual({ cause: "crashed", text: "uncaught undefined" });
    expect(end({ asked, uncaught: { error: new Error("late") }, rejected: true }).cause).toBe("rejected");
    const error = Object.assign(new Error("full"), { code: "ERR_WORKER_OUT_OF_MEMORY" });
    expect(end({ asked, uncaught: { error } }).cause).toBe("out-of-heap");
  }
});

test("an exit of its own is told from one that was asked for, and from one that nobody asked for", () => {
  expect(end({ code: 3 })).toEqual({ cause: "exited", text: "called process.exit(3)" });
  expect(end({ code: 3, asked: true })).toEqual({ cause: "exited", text: "called process.exit(3)" });
  expect(end({ code: 0 }).cause).toBe("finished");
  expect(end({ code: 0, asked: true }).cause).toBe("planned");
  expect(end({ asked: true, killed: true }).cause).toBe("planned");
  expect(end({ killed: true })).toEqual({ cause: "killed", text: "was ended at once" });
});
