// One JSON value a line (https://jsonlines.org).
import type { Codec } from "../codec.ts";
import { FrameInvalidError, FrameNotEncodableError } from "../errors.ts";
import { lines } from "./lines.ts";

/**
 * Values as JSON, one a line; a bare `null` is not allowed. What arrives is parsed, not checked: name the type you have validated.
 *
 * @param options.max Most bytes in a line. Default 1 MiB.
 * @example
 * const messages = framed(conn, jsonLines<unknown, { id: number }>());
 */
export function jsonLines<In = unknown, Out = In>(options: { readonly max?: number } = {}): Codec<In, Out> {
  const text = lines(options);
  return {
    name: "JSON line",
    decode(bytes) {
      const line = text.decode(bytes);
      if (line === undefined) return undefined;
      const value = parse(line);
      // `null` is how a reader learns of the end of the stream, which a peer must not be able to fake.
      if (value === null) throw new FrameInvalidError("a line is a bare null");
      return value as In;
    },
    encode(value) {
      const json: string | undefined = JSON.stringify(value);
      if (json === undefined || json === "null") {
        throw new FrameNotEncodableError("JSON line", `it would be ${json ?? "nothing"}, which is no message`);
      }
      return text.encode(json);
    },
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new FrameInvalidError("a line is not JSON", error);
  }
}
