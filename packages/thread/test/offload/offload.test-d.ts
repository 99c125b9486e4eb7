import type { Op } from "@plait/coroutine";
import { expectTypeOf, test } from "vitest";
import { defineTask, offload } from "../../src/offload/index.ts";

const digest = defineTask("file:///tasks.ts", "digest", async (text: string, rounds: number) => `${text}${rounds}`);
const length = defineTask("file:///tasks.ts", "length", (text: string) => text.length);

test("arguments and result are those of the function", () => {
  expectTypeOf(offload(digest, ["a", 1])).toEqualTypeOf<Op<string>>();
  expectTypeOf(offload(length, ["a"])).toEqualTypeOf<Op<number>>();
  // @ts-expect-error an argument is missing
  void (() => offload(digest, ["a"]));
  // @ts-expect-error an argument has another type
  void (() => offload(length, [1]));
});

test("a map takes items of the argument's type", () => {
  const results = () => offload.map(length, ["a"]);
  expectTypeOf<ReturnType<typeof results>>().toExtend<AsyncIterable<number>>();
  // @ts-expect-error items of another type
  void (() => offload.map(length, [1]));
});
