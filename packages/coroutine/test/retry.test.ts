import { retry, run, sleep, spawn, suppressed } from "@plait/coroutine";
import { describe, expect, it } from "vitest";
import { onVirtualTime } from "./quiet.ts";

onVirtualTime();

describe("retry", () => {
  it("runs the body until it succeeds", async () => {
    let attempts = 0;
    const value = await run(() =>
      retry(
        function* () {
          yield* sleep(0);
          if (++attempts < 3) throw new Error(`no ${attempts}`);
          return "yes";
        },
        { base: 1 },
      ),
    );
    expect([value, attempts]).toEqual(["yes", 3]);
  });

  it("throws the last error when it has tried often enough, and keeps the earlier ones", async () => {
    let attempts = 0;
    const failed = await run(() =>
      retry(
        async () => {
          throw new Error(`no ${++attempts}`);
        },
        { times: 3, base: 1, jitter: false },
      ),
    ).catch((error: Error) => error);
    expect(failed).toMatchObject({ message: "no 3" });
    expect(suppressed(failed)).toMatchObject([{ message: "no 1" }, { message: "no 2" }]);
  });

  it("gives up at once on an error that is not worth it", async () => {
    let attempts = 0;
    await expect(
      run(() =>
        retry(
          () => {
            attempts++;
            throw new TypeError("a bug");
          },
          { while: (error) => !(error instanceof TypeError) },
        ),
      ),
    ).rejects.toThrow("a bug");
    expect(attempts).toBe(1);
  });

  it("ends at once when it is cancelled", async () => {
    let attempts = 0;
    await run(function* () {
      const task = spawn(() =>
        retry(
          function* () {
            attempts++;
            yield* sleep(10_000);
          },
          { base: 1 },
        ),
      );
      yield* sleep(1);
      yield* task.cancel();
      expect(task.outcome?.status).toBe("cancelled");
    });
    expect(attempts).toBe(1);
  });
});
