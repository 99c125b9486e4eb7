// What was thrown arrives in another thread as it was, whatever it is.
import { runInNewContext } from "node:vm";
import { ChannelClosed, InvalidArgumentError, TimeoutError } from "@plait/coroutine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { OffloadQueueFullError } from "../src/offload/errors.ts";
import { packError, packThrown, unpackError, unpackThrown } from "../src/thrown.ts";

/** As it arrives in another thread. */
const cross = (thrown: unknown): unknown => unpackThrown(structuredClone(packThrown(thrown)));
const crossed = (thrown: Error) => cross(thrown) as Error & Record<string, unknown>;

class NoName extends RangeError {}
class StockError extends Error {
  override readonly name = "StockError";
  readonly code = "ERR_STOCK";
  readonly left = new Map([["pears", 3n]]);
}

test("an error keeps its class's name, the class that this extends, its message, stack, code, cause and fields", () => {
  const thrown = new StockError("sold out", { cause: new TypeError("no apples") });
  const arrived = crossed(thrown);
  expect(arrived).toMatchObject({ name: "StockError", message: "sold out", code: "ERR_STOCK", stack: thrown.stack });
  expect(arrived.left).toEqual(new Map([["pears", 3n]]));
  expect(arrived.cause).toBeInstanceOf(TypeError);
  expect(Object.keys(arrived)).toEqual(["code", "left"]);
  expect(crossed(new NoName("7"))).toMatchObject({ name: "NoName", message: "7" });
  expect(crossed(new NoName("7"))).toBeInstanceOf(RangeError);
});

test("an error of another realm keeps its code; one of Node its class, a DOMException is one", () => {
  const foreign = runInNewContext("Object.assign(new RangeError('there'), { code: 'ERR_THERE' })");
  expect(cross(foreign)).toBeInstanceOf(RangeError);
  expect(cross(foreign)).toMatchObject({ message: "there", code: "ERR_THERE" });
  const aborted: unknown = cross(AbortSignal.abort().reason);
  expect(aborted).toBeInstanceOf(DOMException);
  expect(aborted).toMatchObject({ name: "AbortError" });
});

test("Plait's own errors are instances of their classes", () => {
  const full = new OffloadQueueFullError({ module: "m", name: "digest" }, 2, 4);
  expect(unpackError(structuredClone(packError(full)))).toBeInstanceOf(OffloadQueueFullError);
  expect(cross(full)).toMatchObject({ name: full.name, code: full.code, message: full.message });
  for (const thrown of [new ChannelClosed("jobs"), new TimeoutError(5, "sleep"), new InvalidArgumentError("5")]) {
    expect(cross(thrown)).toBeInstanceOf(thrown.constructor);
  }
});

test("the errors of an AggregateError arrive, and what was suppressed", () => {
  const all = cross(new AggregateError([new StockError("a"), "b"], "both")) as AggregateError;
  expect(all).toBeInstanceOf(AggregateError);
  expect(all.errors).toMatchObject([{ code: "ERR_STOCK" }, "b"]);
  const suppressed = cross(new SuppressedError(new StockError("a"), new NoName("b"), "two"));
  expect(suppressed).toMatchObject({ error: { code: "ERR_STOCK" }, suppressed: { name: "NoName" } });
});

test("what can't cross is left out of an error: functions, symbols, getters that throw, causes without end", () => {
  const odd = Object.assign(new Error("odd"), { code: "ERR_ODD", run: () => 1, mark: Symbol("mark"), toJSON: () => 1 });
  Object.defineProperty(odd, "broken", {
    enumerable: true,
    get() {
      throw new Error("can't be read");
    },
  });
  expect(Object.keys(crossed(odd))).toEqual(["code"]);
  const own = new Error("its own cause");
  own.cause = own;
  const back = crossed(own);
  expect(back.cause).toBe(back);
  let deep = new Error("0");
  for (let n = 1; n < 20_000; n++) deep = new Error(`${n}`, { cause: deep });
  expect(crossed(deep).cause).toMatchObject({ message: "19998" });
});

test("what is no error arrives as it is; what can't be cloned, in words", () => {
  expect(cross({ code: "SOLD_OUT" })).toEqual({ code: "SOLD_OUT" });
  expect(cross(undefined)).toBe(undefined);
  expect(cross(() => 1)).toBe("() => 1");
  expect(cross(Object.create(null, { run: { value: () => 1, enumerable: true } }))).toBe("something that has no words");
});

test("what can't even be looked at crosses in the words that can be had of it", () => {
  const { proxy, revoke } = Proxy.revocable(new Error("here"), {});
  revoke();
  expect(cross(proxy)).toBe("something that has no words");
  expect(crossed(Object.assign(new Error("with it"), { proxy }))).toBe("with it");
});

test("any value crosses, in an error or alone", () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
      (value) => {
        expect(crossed(Object.assign(new Error("with it"), { value }))).toEqual(
          Object.assign(new Error("with it"), { value: structuredClone(value) }),
        );
        expect(cross(value)).toEqual(structuredClone(value));
      },
    ),
    { numRuns: 200 },
  );
});
