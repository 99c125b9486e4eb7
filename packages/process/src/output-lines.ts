// Cuts what a process writes into whole lines.
import type { Readable } from "node:stream";

/** The longest line that is kept in one piece, in characters. */
const LONGEST = 64 * 1024;

/**
 * Calls `onLine` for every line of a stream, without its end. A last line that was never ended comes when the stream is
 * over, and a longer one than 64 K in pieces, so that a program which writes no line ends can't fill the memory.
 *
 * @returns a promise that settles when the stream is over
 */
export function eachLine(stream: Readable, onLine: (line: string) => void): Promise<void> {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
    for (; rest.length > LONGEST; rest = rest.slice(LONGEST)) onLine(rest.slice(0, LONGEST));
  });
  return new Promise((resolve) => {
    // An error ends the stream, too; whose pipe it was is about to exit and says why.
    stream.on("error", () => {});
    stream.once("close", () => {
      if (rest) onLine(rest);
      resolve();
    });
  });
}
