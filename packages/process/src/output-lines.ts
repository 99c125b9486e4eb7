// Cuts what a process or a thread writes into whole lines.
import type { Readable } from "node:stream";

/** The longest line that is kept in one piece, in characters. */
const LONGEST = 64 * 1024;

/**
 * Calls `onLine` for every line of a stream, without its end. A last line that was never ended comes when the stream is
 * over, and one that is longer than `longest` in pieces, so that a program which writes no line ends can't fill the
 * memory.
 *
 * @param longest in characters. Default 64 K.
 * @returns a promise that settles when the stream is over
 */
export function eachLine(stream: Readable, onLine: (line: string) => void, longest: number = LONGEST): Promise<void> {
  let rest = "";
  const inPieces = (line: string) => {
    onLine(line.slice(0, longest));
    for (let at = longest; at < line.length; at += longest) onLine(line.slice(at, at + longest));
  };
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) inPieces(line);
    for (; rest.length > longest; rest = rest.slice(longest)) onLine(rest.slice(0, longest));
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
