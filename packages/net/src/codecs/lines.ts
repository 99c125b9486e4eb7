// Lines of text.
import type { ByteQueue } from "../byte-queue.ts";
import { type Codec, checkMax, DEFAULT_MAX_FRAME } from "../codec.ts";
import { checkSize, FrameNotEncodableError, FrameTooLargeError } from "../errors.ts";
import { findEnd } from "./delimited.ts";

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Encodings in which the byte of a line feed is nothing but a line feed. */
export type LineEncoding = "utf8" | "latin1" | "ascii";

/** Options of {@link lines}. */
export interface LinesOptions {
  /** Most bytes in a line, its end not counted. Default 1 MiB. */
  readonly max?: number;
  /** Default "utf8". */
  readonly encoding?: LineEncoding;
  /** What is written after each line. Both are understood when reading. Default "\n". */
  readonly end?: "\n" | "\r\n";
}

/**
 * Lines without their ends.
 *
 * @example
 * for await (const line of framed(conn, lines({ max: 512 }))) await conn.write(`${line}\n`);
 */
export function lines(options: LinesOptions = {}): Codec<string> {
  const { max = DEFAULT_MAX_FRAME, encoding = "utf8", end = "\n" } = options;
  checkEncoding(encoding);
  checkMax(max);
  return {
    name: "line",
    decode: (bytes) => takeLine(bytes, max, encoding),
    encode(line) {
      checkSize("line", Buffer.byteLength(line, encoding), max);
      if (line.includes("\n") || line.endsWith("\r"))
        throw new FrameNotEncodableError("line", "it contains a line end");
      return encoding === "utf8" ? line + end : Buffer.from(line + end, encoding);
    },
  };
}

/** Throws for an encoding whose lines can't be found by their bytes. */
export function checkEncoding(encoding: LineEncoding): void {
  if (encoding !== "utf8" && encoding !== "latin1" && encoding !== "ascii") {
    throw new RangeError(
      `Lines can't be read as ${encoding}, where a line feed is not one byte of its own. Use utf8, latin1 or ascii, or delimited() and decode its frames.`,
    );
  }
}

/** Takes a line off the front of the queue, without its end; `undefined` while it is not all there. */
export function takeLine(bytes: ByteQueue, max: number, encoding: LineEncoding): string | undefined {
  // One more for a carriage return, which belongs to the line's end.
  const at = findEnd(bytes, LINE_FEED, max + 1, "line");
  if (at < 0) return undefined;
  const length = at > 0 && bytes.byteAt(at - 1) === CARRIAGE_RETURN ? at - 1 : at;
  if (length > max) throw new FrameTooLargeError("line", max, length);
  const line = bytes.takeText(length, encoding);
  bytes.skip(at - length + 1);
  return line;
}
