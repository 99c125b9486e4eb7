// Netstrings: `5:hello,` (D. J. Bernstein, https://cr.yp.to/proto/netstrings.txt).
import { type Codec, checkMax, DEFAULT_MAX_FRAME } from "../codec.ts";
import { checkSize, FrameInvalidError, FrameTooLargeError } from "../errors.ts";

const COLON = 58;
const COMMA = 44;
const ZERO = 48;
const NINE = 57;

/**
 * Bytes with their decimal length in front and a comma behind.
 *
 * @param options.max Most bytes in a frame. Default 1 MiB.
 * @example
 * const strings = framed(conn, netstring({ max: 1000 }));
 */
export function netstring(options: { readonly max?: number } = {}): Codec<Buffer, string | Uint8Array> {
  const { max = DEFAULT_MAX_FRAME } = options;
  checkMax(max);
  return {
    name: "netstring",
    decode(bytes) {
      let size = 0;
      for (let at = 0; at < bytes.length; at++) {
        const byte = bytes.byteAt(at);
        if (byte === COLON && at > 0) {
          if (bytes.length < at + size + 2) return undefined;
          if (bytes.byteAt(at + 1 + size) !== COMMA) throw new FrameInvalidError("no comma behind a netstring");
          bytes.skip(at + 1);
          const frame = bytes.take(size);
          bytes.skip(1);
          return frame;
        }
        if (byte < ZERO || byte > NINE) throw new FrameInvalidError("no decimal length in front of a netstring");
        if (at > 0 && size === 0) throw new FrameInvalidError("a netstring's length begins with zero");
        size = size * 10 + byte - ZERO;
        if (size > max) throw new FrameTooLargeError("netstring", max, size);
      }
      return undefined;
    },
    encode(value) {
      const frame = Buffer.from(value);
      checkSize("netstring", frame.length, max);
      return [`${frame.length}:`, frame, ","];
    },
  };
}
