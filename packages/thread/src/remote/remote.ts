// Calling the methods of a service in another unit.
import { type Op, type Result, until } from "@plait/coroutine";
import type { Receiver } from "../channel/index.ts";
import { NoUnitsError } from "./errors.ts";
import type { RemoteOptions, RemoteUnits } from "./remote-units.ts";

type AnyMethod = (...args: never[]) => unknown;

/** What a call of a method gives: its result, or the receiving end of its stream. */
type Answer<F extends AnyMethod> = ReturnType<F> extends AsyncIterable<infer T> ? Receiver<T> : Result<F>;

/** The methods of a service of type `S`, as seen from another unit. */
export type Remote<S extends { readonly methods?: object | undefined }> = {
  readonly [K in keyof NonNullable<S["methods"]> as NonNullable<S["methods"]>[K] extends AnyMethod
    ? K
    : never]: NonNullable<S["methods"]>[K] extends infer F extends AnyMethod
    ? (...args: Parameters<F>) => Op<Answer<F>>
    : never;
};

/** The `remote` function, with what it can say of the units around it. */
export interface RemoteFunction {
  /**
   * Calls the methods of a service in another thread of this process. A call waits like any operation; cancelling it
   * cancels the method's task over there. Arguments and results are structured clones. The ends of a channel are moved, and
   * closed when the call does not get there.
   * A method that returns an async iterable gives a receiver: each item is sent when there is room for it, and closing the
   * receiver, or leaving its `for await`, ends the iterable.
   *
   * @param unit id of a serving thread of this process, for example `"p1.t2"`; `remote.units()` has them all
   * @throws What the method throws, with its class's name, code and cause; Plait's own errors, and JavaScript's, are instances of their classes
   * @throws {ThreadExitedError} when the thread ends first, with how it did
   * @throws {ThreadCallTimeoutError} when it takes longer than `timeout`
   * @throws {ThreadCallCloneError} when its arguments or its result can't be cloned
   * @throws {UnitNotServingError} when no such thread serves now
   * @throws {UnknownMethodError} when the service has no such method
   * @example
   * import type chat from "./chat.ts";
   * for (const unit of yield* remote.units()) yield* remote<typeof chat>(unit, { timeout: 500 }).post(line);
   */
  <S extends { readonly methods?: object | undefined }>(unit: string, options?: RemoteOptions): Remote<S>;
  /** Ids of the serving threads of this process, the caller's own among them. */
  units(): Op<readonly string[]>;
}

const HOME = Symbol.for("@plait/thread remote");
const home = globalThis as { [HOME]?: RemoteUnits | undefined };

/** From now on `remote` calls these from this thread. */
export function setRemoteUnits(units: RemoteUnits | undefined): void {
  home[HOME] = units;
}

/** @throws {NoUnitsError} */
export function remoteUnits(): RemoteUnits {
  const units = home[HOME];
  if (units === undefined) throw new NoUnitsError();
  return units;
}

function remoteOf<S extends { readonly methods?: object | undefined }>(
  unit: string,
  { signal, timeout }: RemoteOptions = {},
): Remote<S> {
  const call =
    (method: string) =>
    (...args: unknown[]) =>
      until((cancelled) => {
        const either = signal === undefined ? cancelled : AbortSignal.any([signal, cancelled]);
        return remoteUnits().call(unit, method, args, { signal: either, timeout });
      });
  // Whatever it is asked for is a method: which ones there are is known over there. Awaiting it must not call one.
  return new Proxy({} as Remote<S>, {
    get: (_, name) => (typeof name === "string" && name !== "then" ? call(name) : undefined),
  });
}

export const remote: RemoteFunction = Object.assign(remoteOf, {
  units: () => until(async () => remoteUnits().units()),
});
