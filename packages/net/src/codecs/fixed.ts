// Frames that all have the same size.
import type { Codec } from "../codec.ts";
import { FrameNotEncodableError } from "../errors.ts";

/**
 * Frames of exactly `size` bytes.
 *
 * @example
 * const samples = framed(conn, fixed(16));
 */
export function fixed(size: number): Codec<Buffer, Uint8Array> {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`A fixed frame of ${size} bytes: use 1 or more.`);
  return {
    name: `frame of ${size} bytes`,
    decode: (bytes) => (bytes.length < size ? undefined : bytes.take(size)),
    encode(frame) {
      if (frame.length !== size) throw new FrameNotEncodableError("frame", `it has ${frame.length} bytes, not ${size}`);
      return frame;
    },
  };
}
