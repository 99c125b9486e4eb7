import {
  ByteQueue,
  type Codec,
  delimited,
  FrameInvalidError,
  FrameNotEncodableError,
  FrameTooLargeError,
  fixed,
  jsonLines,
  lengthPrefixed,
  lines,
  netstring,
  PeerError,
} from "@plait/net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const MAX = 300;
/** Most bytes that any of the codecs puts around a frame. */
const FRAMING = 8;
const bytes = fc.uint8Array({ maxLength: MAX }).map((frame) => Buffer.from(frame));
const text = fc
  .string({ unit: "grapheme", maxLength: 60 })
  .map((line) => line.replaceAll("\n", "").replace(/\r+$/, ""))
  .filter((line) => Buffer.byteLength(line) <= MAX);
const json = fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== null && JSON.stringify(value).length <= MAX / 4);

interface Case {
  readonly codec: Codec<unknown, never>;
  readonly values: fc.Arbitrary<unknown>;
}

const widths = [1, 2, 3, 4, 8, "varint"] as const;
const cases: Record<string, Case> = {
  lines: { codec: lines({ max: MAX }), values: text },
  "lines with CR LF": { codec: lines({ max: MAX, end: "\r\n" }), values: text },
  "delimited by a byte": {
    codec: delimited("\0", { max: MAX }),
    values: bytes.map((frame) => Buffer.from(frame.filter((byte) => byte !== 0))),
  },
  "delimited by a sequence": {
    codec: delimited("aab", { max: MAX }),
    values: fc
      .uint8Array({ maxLength: 9, min: 97, max: 98 })
      .filter((f) => !`${Buffer.from(f)}aa`.includes("aab"))
      .map((f) => Buffer.from(f)),
  },
  fixed: { codec: fixed(7), values: fc.uint8Array({ minLength: 7, maxLength: 7 }).map((frame) => Buffer.from(frame)) },
  netstring: { codec: netstring({ max: MAX }), values: bytes },
  "JSON lines": { codec: jsonLines({ max: MAX }), values: json.map((value) => JSON.parse(JSON.stringify(value))) },
  ...Object.fromEntries(
    widths.flatMap((width) =>
      (["be", "le"] as const).map((endian) => [
        `length-prefixed ${width} ${endian}`,
        {
          codec: lengthPrefixed({ bytes: width, endian, max: MAX }),
          values: width === 1 ? fc.uint8Array({ maxLength: 255 }).map((frame) => Buffer.from(frame)) : bytes,
        },
      ]),
    ),
  ),
};

/** Feeds bytes in pieces of the given sizes, over and over, and decodes after each. */
function decodeSplit(codec: Codec<unknown, never>, stream: Buffer, sizes: readonly number[]): unknown[] {
  const queue = new ByteQueue();
  const frames: unknown[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const size = sizes[turn % sizes.length] as number;
    queue.append(stream.subarray(at, at + size));
    at += size;
    for (let frame = codec.decode(queue); frame !== undefined; frame = codec.decode(queue)) frames.push(frame);
  }
  expect(queue.length).toBe(0);
  return frames;
}

function encodeAll(codec: Codec<unknown, never>, values: readonly unknown[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => [codec.encode(value as never)].flat()).map((piece) => Buffer.from(piece)),
  );
}

describe.each(Object.entries(cases))("%s", (_name, { codec, values }) => {
  it("gives the same frames however the bytes are split", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(fc.array(values, { maxLength: 10 }), sizes, (frames, splits) => {
        expect(decodeSplit(codec, encodeAll(codec, frames), splits)).toEqual(frames);
      }),
    );
  });

  it("answers garbage with frames, an error of the peer, or patience, and keeps no more of it than a frame may take", () => {
    // Of few different bytes in one case of two: more of it looks like the beginning of a frame.
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 80, size: "max" }),
      fc.uint8Array({ maxLength: 80, size: "max", min: 97, max: 98 }),
    );
    fc.assert(
      fc.property(fc.array(garbage, { maxLength: 40, size: "max" }), (chunks) => {
        const queue = new ByteQueue();
        try {
          for (const chunk of chunks) {
            queue.append(chunk);
            let decoded = 0;
            while (codec.decode(queue) !== undefined) expect(++decoded).toBeLessThanOrEqual(2000);
            expect(queue.length).toBeLessThanOrEqual(MAX + FRAMING);
          }
        } catch (error) {
          if (!(error instanceof PeerError)) throw error;
        }
      }),
      // Shrinking this much garbage takes longer than a test may.
      { endOnFailure: true },
    );
  });
});

describe("past the limit", () => {
  it.each([
    ["lines", lines({ max: MAX }), Buffer.from("x".repeat(MAX + 2))],
    ["a complete line", lines({ max: MAX }), Buffer.from(`${"x".repeat(MAX + 1)}\n`)],
    ["delimited", delimited("--", { max: MAX }), Buffer.from("x".repeat(MAX + 2))],
    ["netstring", netstring({ max: MAX }), Buffer.from(`${MAX + 1}`)],
    ["length-prefixed", lengthPrefixed({ max: MAX }), Buffer.from([0, 0, 1, 45])],
    ["length-prefixed, 8 bytes", lengthPrefixed({ bytes: 8, max: MAX }), Buffer.alloc(8, 255)],
    ["varint", lengthPrefixed({ bytes: "varint", max: MAX }), Buffer.from([0xad, 0x02])],
    ["JSON lines", jsonLines({ max: MAX }), Buffer.from(`"${"x".repeat(MAX + 1)}`)],
  ])("%s throws as soon as that is certain", (_name, codec, stream) => {
    const queue = new ByteQueue();
    queue.append(stream);
    expect(() => codec.decode(queue)).toThrow(FrameTooLargeError);
  });

  it.each<[string, Codec<unknown, string>]>([
    ["lines", lines({ max: 4 })],
    ["delimited", delimited("-", { max: 4 })],
    ["netstring", netstring({ max: 4 })],
    ["length-prefixed", lengthPrefixed({ max: 4 })],
  ])("%s takes a frame of exactly the limit, and encodes no larger one", (_name, codec) => {
    expect(decodeSplit(codec, encodeAll(codec, ["abcd"]), [1]).map(String)).toEqual(["abcd"]);
    expect(() => codec.encode("abcde")).toThrow(FrameNotEncodableError);
  });

  it("a length of one byte can't say more than 255", () => {
    expect(() => lengthPrefixed({ bytes: 1 }).encode(Buffer.alloc(256))).toThrow(FrameNotEncodableError);
  });
});

describe("bytes that are no frame", () => {
  it.each([
    ["netstring", netstring(), "03:abc,"],
    ["netstring", netstring(), ":,"],
    ["netstring", netstring(), "3:abc;"],
    ["JSON lines", jsonLines(), "{]\n"],
    ["JSON lines", jsonLines(), "null\n"],
  ])("%s refuses %j", (_name, codec, stream) => {
    const queue = new ByteQueue();
    queue.append(Buffer.from(stream, "latin1"));
    expect(() => codec.decode(queue)).toThrow(FrameInvalidError);
  });

  it("a varint that never ends is refused", () => {
    const queue = new ByteQueue();
    queue.append(Buffer.alloc(20, 0x80));
    expect(() => lengthPrefixed({ bytes: "varint" }).decode(queue)).toThrow(FrameInvalidError);
  });

  it.each([
    ["a line end in a line", () => lines().encode("a\nb")],
    ["a delimiter in a frame", () => delimited("ab").encode("xaby")],
    ["a delimiter completed by the next one", () => delimited("aa").encode("xa")],
    ["a frame of another size", () => fixed(3).encode(Buffer.alloc(4))],
    ["a value without JSON", () => jsonLines().encode(undefined)],
  ])("%s is not encoded, and nobody says that the peer sent it", (_name, encode) => {
    expect(encode).toThrow(FrameNotEncodableError);
    expect(encode).toThrow(/^Can't send this .+ it /);
  });
});

describe("options that make no sense", () => {
  it.each([
    ["no limit", () => lines({ max: Number.NaN })],
    ["a limit below zero", () => lengthPrefixed({ max: -1 })],
    ["half a byte", () => delimited("\0", { max: 0.5 })],
    ["a limit in words", () => netstring({ max: "9" as never })],
    ["a length of five bytes", () => lengthPrefixed({ bytes: 5 as never })],
    ["an unknown byte order", () => lengthPrefixed({ endian: "BE" as never })],
  ])("%s is refused where the codec is made", (_name, make) => {
    expect(make).toThrow(RangeError);
  });
});
