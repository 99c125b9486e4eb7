// The guide's programs, each run as it is shown.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const execute = promisify(execFile);
const here = fileURLToPath(new URL("..", import.meta.url));

/** The programs of a page, each with what it says it prints. */
function programsOf(page: string): { title: string; code: string; output: string }[] {
  const text = readFileSync(new URL(`../../../docs/guide/${page}`, import.meta.url), "utf8");
  const parts = text.matchAll(/```ts run\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g);
  return [...parts].map(([before, code = "", output = ""], index) => {
    const above = text.slice(0, text.indexOf(before));
    return { title: `${index + 1}: ${[...above.matchAll(/^#+ (.+)$/gm)].at(-1)?.[1]}`, code, output };
  });
}

/** Programs that a page has at least: one that the pattern passes over would go untested. */
const leastOf: Readonly<Record<string, number>> = { "coroutines.md": 6, "coming-from.md": 10, "tcp.md": 2 };

describe.concurrent.each(["coroutines.md", "coming-from.md", "tcp.md", "tracing.md"])("the guide %s", (page) => {
  const programs = programsOf(page);

  it("has programs", () => {
    expect(programs.length).toBeGreaterThanOrEqual(leastOf[page] ?? 1);
  });

  it.each(programs)("prints what it says under $title", async ({ code, output }) => {
    const args = ["--input-type=module-typescript", "--eval", code];
    const { stdout } = await execute(process.execPath, args, { cwd: here, timeout: 15_000 });
    expect(stdout).toBe(output);
  });
});
