// The contract of a codec: how frames are found in a stream of bytes, and how they are put into one.
import type { ByteQueue } from "./byte-queue.ts";

/**
 * Turns bytes into frames. It keeps no state of its own between calls, so one object serves any number of connections.
 */
export interface Decoder<In> {
  /** What a frame is called in messages: "line". */
  readonly name: string;
  /**
   * Takes the next frame off the front of the queue. Returns `undefined`, and takes nothing, while it is not all there.
   *
   * @throws {FrameTooLargeError} The frame is larger than allowed; thrown as soon as that is certain.
   * @throws {FrameInvalidError} The bytes are no frame.
   */
  decode(bytes: ByteQueue): In | undefined;
}

/** Turns values into bytes. */
export interface Encoder<Out> {
  /**
   * The pieces of one frame, in order.
   *
   * @throws {FrameNotEncodableError} There is no frame for the value.
   */
  encode(value: Out): string | Uint8Array | readonly (string | Uint8Array)[];
}

/**
 * Both directions of a protocol's framing. Anyone can write one.
 *
 * @example
 * const numbers: Codec<number> = {
 *   name: "number",
 *   decode: (bytes) => (bytes.length < 4 ? undefined : bytes.take(4).readInt32BE()),
 *   encode: (value) => {
 *     const frame = Buffer.alloc(4);
 *     frame.writeInt32BE(value);
 *     return frame;
 *   },
 * };
 */
export interface Codec<In, Out = In> extends Decoder<In>, Encoder<Out> {}

/** Largest frame a codec accepts when no `max` is given: 1 MiB. */
export const DEFAULT_MAX_FRAME: number = 1024 * 1024;

/** Throws for a limit of bytes that makes no sense. */
export function checkMax(max: number, least = 0): void {
  if ((!Number.isInteger(max) && max !== Number.POSITIVE_INFINITY) || max < least)
    throw new RangeError(
      `A max of ${max} is no limit of bytes. Give a whole number of at least ${least}, or Infinity.`,
    );
}
