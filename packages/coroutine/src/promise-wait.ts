// `yield*` on any promise, once it is asked for.
import type { Op } from "./op.ts";
import { until } from "./until.ts";

/** Gives promises the method `yield*` looks for. Nothing that was there changes. */
export function addPromiseWait(): void {
  Object.defineProperty(Promise.prototype, Symbol.iterator, {
    configurable: true,
    enumerable: false,
    writable: true,
    value: function iterate<T>(this: Promise<T>): Iterator<Op<unknown>, T, unknown> {
      return until(this)[Symbol.iterator]();
    },
  });
}

export function removePromiseWait(): void {
  Reflect.deleteProperty(Promise.prototype, Symbol.iterator);
}
