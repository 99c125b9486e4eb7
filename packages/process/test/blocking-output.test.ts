import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const module = JSON.stringify(new URL("../src/blocking-output.ts", import.meta.url).href);

test("Node still lets the standard streams block, and then an exit loses nothing of many lines", () => {
  const program = `
    import { blockOutput } from ${module};
    console.log(blockOutput());
    for (let line = 1; line <= 5000; line++) console.log(line);
    process.exit(0);
  `;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  expect(stdout.split("\n").slice(0, -1)).toEqual([
    "true",
    ...Array.from({ length: 5000 }, (_, index) => `${index + 1}`),
  ]);
});
