import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { run, sleep, spawn } from "@plait/coroutine";
import { BlockingCallError, patch, unpatch } from "@plait/coroutine/patch";
import { afterEach, describe, expect, it } from "vitest";

afterEach(() => unpatch());

const warningsDuring = async (body: () => Promise<unknown>) => {
  const codes: (string | undefined)[] = [];
  const listen = (warning: NodeJS.ErrnoException) => codes.push(warning.code);
  process.on("warning", listen);
  await body();
  await new Promise(setImmediate);
  process.off("warning", listen);
  return codes;
};

describe("the patch", () => {
  it("lets a coroutine wait for any promise with yield*, typed", async () => {
    using _ = patch();
    const value = await run(function* () {
      const text: string = yield* Promise.resolve("typed");
      yield* sleep(0);
      return text;
    });
    expect(value).toBe("typed");
    await expect(
      run(function* () {
        yield* Promise.reject(new Error("no"));
      }),
    ).rejects.toThrow("no");
  });

  it("cancels a wait on a promise like any other", async () => {
    using _ = patch();
    await run(function* () {
      const task = spawn(function* () {
        yield* new Promise(() => {});
      });
      yield* sleep(0);
      yield* task.cancel();
      expect(task.outcome?.status).toBe("cancelled");
    });
  });

  it("reports a blocking call in a task once per place, and leaves it working", async () => {
    using _ = patch();
    const codes = await warningsDuring(() =>
      run(function* () {
        for (let i = 0; i < 3; i++) expect(readFileSync(import.meta.filename, "utf8")).toContain("blocking");
        yield* sleep(0);
        yield* spawn(async () => {
          await sleep(0);
          return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
        });
      }),
    );
    expect(codes).toEqual(["PLAIT_BLOCKING_CALL", "PLAIT_BLOCKING_CALL"]);
  });

  it("says nothing about blocking calls outside every task", async () => {
    using _ = patch({ blockingCalls: "throw" });
    expect(await warningsDuring(async () => existsSync(import.meta.filename))).toEqual([]);
  });

  it("makes blocking calls errors when told to", async () => {
    using _ = patch({ blockingCalls: "throw" });
    await expect(run(() => execFileSync("true"))).rejects.toThrow(BlockingCallError);
    await expect(run(() => execFileSync("true"))).rejects.toThrow(/execFileSync.*patch\.test\.ts/);
  });

  it("can be taken back without a trace", async () => {
    const before = Object.getOwnPropertyDescriptor(await import("node:fs"), "readFileSync")?.value;
    patch();
    unpatch();
    expect(Reflect.has(Promise.prototype, Symbol.iterator)).toBe(false);
    await run(() => readFileSync(import.meta.filename));
    patch({ blockingCalls: "allow" });
    expect(readFileSync).toBe(before ?? readFileSync);
    expect(await warningsDuring(() => run(() => readFileSync(import.meta.filename)))).toEqual([]);
  });
});
