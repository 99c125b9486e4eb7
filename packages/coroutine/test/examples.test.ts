import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../examples/", import.meta.url));
const execute = promisify(execFile);
const example = async (name: string) => (await execute(process.execPath, [folder + name], { timeout: 15_000 })).stdout;

const threeSleeps = ["before 2", "before 3", "before 5", "after 2", "after 3", "after 5"];

describe.concurrent("the example", () => {
  it.each(["gevent-generators.ts", "gevent-async.ts"])("%s ends after 5 seconds for real", async (name) => {
    const from = performance.now();
    const lines = (await example(name)).trim().split("\n");
    expect(lines.slice(0, 6)).toEqual(threeSleeps);
    expect(lines[6]).toMatch(/^ended after 5\.\d s$/);
    expect(performance.now() - from).toBeLessThan(9000);
  });

  it("worker-pool.ts finishes, retries and times out", async () => {
    const lines = (await example("worker-pool.ts")).trim().split("\n");
    expect(lines).toEqual(["quick done", "flaky done", "slow took too long"]);
  });

  it("select-and-locks.ts keeps its book", async () => {
    expect(await example("select-and-locks.ts")).toBe(
      "ada: opens the shop\nnobody: tea\nnobody: milk\nnobody: sugar\n",
    );
  });

  it("cleanup.ts cleans up in order", async () => {
    expect(await example("cleanup.ts")).toBe("beat\nsaid goodbye\nconnection closed\ncancelled\n");
  });

  it("look-inside.ts shows its tasks", async () => {
    const text = await example("look-inside.ts");
    expect(text).toMatch(/busy blocked the loop for \d+ ms/);
    expect(text).toMatch(/handler \(\d+\): waiting on recv on channel orders/);
    expect(text).toContain('peer = "10.0.0.7"');
    expect(text).toContain("10.0.0.7 wants tea");
  });

  it("promises.ts waits for a promise and refuses a blocking call", async () => {
    expect(await example("promises.ts")).toMatch(/^\/\/ With the patch[\s\S]*blocking call refused/);
  });

  it("has a test of its own", () => {
    expect(readdirSync(folder).sort()).toEqual([
      "cleanup.ts",
      "gevent-async.ts",
      "gevent-generators.ts",
      "look-inside.ts",
      "promises.ts",
      "select-and-locks.ts",
      "worker-pool.ts",
    ]);
  });
});
