// Frames with their length in front.
import type { ByteQueue } from "../byte-queue.ts";
import { type Codec, checkMax, DEFAULT_MAX_FRAME } from "../codec.ts";
import { checkSize, FrameInvalidError, FrameTooLargeError } from "../errors.ts";

/** Options of {@link lengthPrefixed}. */
export interface LengthPrefixedOptions {
  /** Size of the length: bytes, or "varint" for 7 bits a byte, least significant first. Default 4. */
  readonly bytes?: 1 | 2 | 3 | 4 | 8 | "varint";
  /** Byte order of the length: big or little endian. Default "be". */
  readonly endian?: "be" | "le";
  /** Most bytes in a frame, its length not counted. Default 1 MiB. */
  readonly max?: number;
}

const WIDTHS: ReadonlySet<number> = new Set([1, 2, 3, 4, 8]);
/** Bits a varint may have so that its value is exact. */
const VARINT_BITS = 53;

/**
 * Frames of bytes, each behind its length.
 *
 * @example
 * const messages = framed(conn, lengthPrefixed({ bytes: 2, endian: "le", max: 4096 }));
 */
export function lengthPrefixed(options: LengthPrefixedOptions = {}): Codec<Buffer, string | Uint8Array> {
  const { bytes: width = 4, endian = "be", max = DEFAULT_MAX_FRAME } = options;
  checkMax(max);
  if (width !== "varint" && !WIDTHS.has(width))
    throw new RangeError(`A length of ${width} bytes: use 1, 2, 3, 4, 8 or "varint".`);
  if (endian !== "be" && endian !== "le") throw new RangeError(`A length that is "${endian}": use "be" or "le".`);
  const prefix = width === "varint" ? varint : integer(width, endian === "le");
  const most = Math.min(max, prefix.most);
  return {
    name: "frame",
    decode(bytes) {
      const head = prefix.read(bytes);
      if (head === undefined) return undefined;
      if (head.length > max) throw new FrameTooLargeError("frame", max, head.length);
      if (bytes.length < head.size + head.length) return undefined;
      bytes.skip(head.size);
      return bytes.take(head.length);
    },
    encode(value) {
      const frame = Buffer.from(value);
      checkSize("frame", frame.length, most);
      return [prefix.write(frame.length), frame];
    },
  };
}

/** One way to write a length in front of a frame. */
interface Prefix {
  /** Largest length it can say. */
  readonly most: number;
  read(bytes: ByteQueue): { readonly size: number; readonly length: number } | undefined;
  write(length: number): Buffer;
}

function integer(size: 1 | 2 | 3 | 4 | 8, little: boolean): Prefix {
  return {
    most: Math.min(2 ** (8 * size) - 1, Number.MAX_SAFE_INTEGER),
    read(bytes) {
      if (bytes.length < size) return undefined;
      let length = 0;
      // A length past 2 ** 53 loses its last digits here, and is past every limit all the same.
      for (let at = 0; at < size; at++) length = length * 256 + bytes.byteAt(little ? size - 1 - at : at);
      return { size, length };
    },
    write(length) {
      const head = Buffer.alloc(size);
      let rest = length;
      for (let at = 0; at < size; at++) {
        head[little ? at : size - 1 - at] = rest % 256;
        rest = Math.floor(rest / 256);
      }
      return head;
    },
  };
}

const varint: Prefix = {
  most: Number.MAX_SAFE_INTEGER,
  read(bytes) {
    let length = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes.byteAt(at);
      if (at * 7 >= VARINT_BITS) throw new FrameInvalidError("a varint length of more than 53 bits");
      length += (byte & 127) * 2 ** (at * 7);
      if (byte < 128) return { size: at + 1, length };
    }
    return undefined;
  },
  write(length) {
    const head: number[] = [];
    let rest = length;
    for (; rest >= 128; rest = Math.floor(rest / 128)) head.push((rest % 128) + 128);
    head.push(rest);
    return Buffer.from(head);
  },
};
