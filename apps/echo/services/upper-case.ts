// Upper-cases ASCII letters byte by byte, so that a character which was split over two reads stays whole.

export function upperCase(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => (byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte)));
}
