// Frames that end with a fixed sequence of bytes.
import type { ByteQueue } from "../byte-queue.ts";
import { type Codec, checkMax, DEFAULT_MAX_FRAME } from "../codec.ts";
import { checkSize, FrameNotEncodableError, FrameTooLargeError } from "../errors.ts";

/**
 * Frames of bytes, each followed by a delimiter that no frame contains.
 *
 * @param options.max Most bytes before the delimiter. Default 1 MiB.
 * @example
 * const records = framed(conn, delimited("\0"));
 */
export function delimited(
  delimiter: string | Uint8Array,
  options: { readonly max?: number } = {},
): Codec<Buffer, string | Uint8Array> {
  const end = Buffer.from(delimiter);
  if (end.length === 0) throw new RangeError("A delimiter needs at least one byte.");
  const { max = DEFAULT_MAX_FRAME } = options;
  checkMax(max);
  return {
    name: "delimited frame",
    decode(bytes) {
      const length = findEnd(bytes, end, max, "delimited frame");
      if (length < 0) return undefined;
      const frame = bytes.take(length);
      bytes.skip(end.length);
      return frame;
    },
    encode(value) {
      const frame = Buffer.from(value);
      checkSize("delimited frame", frame.length, max);
      // The start of the delimiter may complete one that the frame's last bytes begin.
      if (Buffer.concat([frame, end]).indexOf(end) < frame.length) {
        throw new FrameNotEncodableError("delimited frame", "it contains its own delimiter");
      }
      return [frame, end];
    },
  };
}

/** Length of the frame in front of the next delimiter, -1 while there is none. */
export function findEnd(bytes: ByteQueue, end: number | Uint8Array, max: number, name: string): number {
  const at = bytes.find(end);
  // While the delimiter is only partly there, its first bytes are not the frame's.
  const certain = at < 0 ? bytes.length - (typeof end === "number" ? 0 : end.length - 1) : at;
  if (certain > max) throw new FrameTooLargeError(name, max);
  return at;
}
