// A connection as a sequence of frames.
import type { Op } from "@plait/coroutine";
import type { Codec } from "./codec.ts";
import { type Connection, linkOf } from "./connection.ts";
import type { Inbox } from "./inbox.ts";
import { WriteOperation } from "./outbox.ts";
import { ReadOperation } from "./reading.ts";

/** Frames in, frames out, over one connection. It owns nothing: closing stays with the connection. */
export interface Framed<In, Out = In> extends AsyncIterable<In> {
  /**
   * Waits for the next frame; `null` after the last.
   *
   * @throws {FrameTooLargeError} The peer's frame is past the codec's limit. The connection is closed.
   * @throws {FrameInvalidError} The peer's bytes are no frame. The connection is closed.
   * @throws {UnexpectedEndError} The peer ended in the middle of a frame.
   */
  read(): Op<In | null>;
  /**
   * Encodes a value and writes it, with the back-pressure of {@link Connection.write}.
   *
   * @throws {FrameNotEncodableError} The codec has no frame for the value. Nothing was sent.
   */
  write(value: Out): Op<void>;
}

/**
 * Reads and writes whole frames on a connection.
 *
 * @example
 * const messages = framed(conn, lengthPrefixed());
 * for (let message = yield* messages.read(); message !== null; message = yield* messages.read()) {
 *   yield* messages.write(message);
 * }
 */
export function framed<In, Out = In>(conn: Connection, codec: Codec<In, Out>): Framed<In, Out> {
  const { outbox, inbox } = linkOf(conn);
  const next = new ReadFrame(inbox, conn, codec);
  return {
    read: () => next,
    write: (value) => new WriteOperation(outbox, codec.encode(value)),
    async *[Symbol.asyncIterator]() {
      for (let frame = await next; frame !== null; frame = await next) yield frame;
    },
  };
}

class ReadFrame<In> extends ReadOperation<In | null> {
  readonly what: string;
  readonly #conn: Connection;
  readonly #codec: Codec<In, never>;
  /** Frames that were decoded for somebody who could not have them any more. */
  readonly #returned: In[] = [];

  constructor(inbox: Inbox, conn: Connection, codec: Codec<In, never>) {
    super(inbox, conn.id);
    this.what = codec.name;
    this.#conn = conn;
    this.#codec = codec;
  }

  take(inbox: Inbox): boolean {
    const returned = this.#returned.shift();
    const frame = returned ?? this.#decode(inbox);
    if (frame !== undefined) {
      this.value = frame;
      return true;
    }
    if (!this.endedBefore()) return false;
    this.value = null;
    return true;
  }

  override discard(frame: In | null): void {
    if (frame !== null) this.#returned.unshift(frame);
  }

  #decode(inbox: Inbox): In | undefined {
    if (inbox.queue.length === 0) return undefined;
    try {
      return this.#codec.decode(inbox.queue);
    } catch (error) {
      // The stream can't be read any further: where the next frame begins is unknown.
      this.#conn.close();
      throw error;
    }
  }
}
