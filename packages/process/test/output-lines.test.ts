// Lines of a stream, however it is cut into chunks.
import { Readable } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { eachLine } from "../src/output-lines.ts";

async function linesOf(chunks: readonly string[], longest: number): Promise<string[]> {
  const lines: string[] = [];
  await eachLine(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), (line) => lines.push(line), longest);
  return lines;
}

test("every character arrives in order, lines stay whole up to the longest, and none is longer", async () => {
  const text = fc.array(fc.constantFrom("a", "ü", "", "\n", "bcdefghijk"), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(text, async (chunks) => {
      const lines = await linesOf(chunks, 8);
      const written = chunks.join("").replace(/\n$/, "");
      expect(lines.join("")).toBe(written.replaceAll("\n", ""));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(8);
      if (written.split("\n").every((line) => line.length <= 8) && chunks.join("") !== "") {
        expect(lines).toEqual(written.split("\n"));
      }
    }),
  );
});
