import type { Op } from "@plait/coroutine";
import { type Codec, type Connection, defineService, framed, jsonLines, lengthPrefixed, lines } from "@plait/net";
import { expectTypeOf, it } from "vitest";

declare const conn: Connection;

it("reads say what they give, at the end too", () => {
  expectTypeOf(conn.read()).toEqualTypeOf<Op<Buffer | null>>();
  expectTypeOf(conn.readLine()).toEqualTypeOf<Op<string | null>>();
  expectTypeOf(conn.readExactly(1)).toEqualTypeOf<Op<Buffer>>();
});

it("a codec decides what frames are, in and out", () => {
  expectTypeOf(framed(conn, lines()).read()).toEqualTypeOf<Op<string | null>>();
  expectTypeOf(framed(conn, lengthPrefixed()).write).parameter(0).toEqualTypeOf<string | Uint8Array>();
  expectTypeOf(framed(conn, jsonLines<unknown, { id: number }>()).read()).toEqualTypeOf<Op<unknown | null>>();
  expectTypeOf(framed(conn, jsonLines<unknown, { id: number }>()).write).parameter(0).toEqualTypeOf<{ id: number }>();
  expectTypeOf(lines()).toExtend<Codec<string>>();
});

it("a service may be written in any of three ways, and its connection is typed", () => {
  defineService({
    *connection(given) {
      expectTypeOf(given).toEqualTypeOf<Connection>();
      expectTypeOf(yield* given.readLine()).toEqualTypeOf<string | null>();
    },
  });
  defineService({
    async connection(given) {
      expectTypeOf(await given.readLine()).toEqualTypeOf<string | null>();
    },
  });
  defineService({ connection: (given) => given.reset() });
  // @ts-expect-error a service needs a connection function
  defineService({ start() {} });
});
