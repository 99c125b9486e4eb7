import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const page = readFileSync(new URL("../../../docs/guide/tcp.md", import.meta.url), "utf8");
const here = fileURLToPath(new URL("..", import.meta.url));

/** The programs of the guide, each with what it says it prints. */
const programs = [...page.matchAll(/```ts run\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)].map(
  ([, code = "", output = ""], index) => ({ number: index + 1, code, output }),
);

describe("the TCP guide", () => {
  it("has programs", () => {
    expect(programs).toHaveLength(2);
  });

  it.each(programs)("prints what it says in program $number", async ({ code, output }) => {
    const args = ["--input-type=module-typescript", "--eval", code];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: here, timeout: 15_000 });
    expect(stdout).toBe(output);
  });
});
