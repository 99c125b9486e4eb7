// The calling side: one connection to each unit that was called, made at its first call and again after its end.
import type { MessagePort } from "node:worker_threads";
import * as Comlink from "comlink";
import { closeEnds, giveEnds } from "../channel/opening.ts";
import { openReceiver, openStream } from "../channel/receiver.ts";
import { callingEndpoint } from "../endpoint.ts";
import { ThreadCallTimeoutError } from "../errors.ts";
import { timeLimit } from "../time-limit.ts";
import type { RemoteResult, RemoteTable } from "./wire.ts";

/** A way to a unit. */
export interface UnitLink {
  readonly port: MessagePort;
  /** Settles once the unit has ended, with how it did. */
  readonly gone: Promise<Error>;
}

/** Who can be called, and how. */
export interface Directory {
  /** @throws {UnitNotServingError} when nobody serves under that id */
  connect(unit: string): Promise<UnitLink>;
  /** Ids of the units that serve now. */
  units(): Promise<readonly string[]>;
  /** @throws {SharedMemoryError} when it was made with another size */
  memory(name: string, bytes: number): Promise<SharedArrayBuffer>;
}

/** How a call is given up. */
export interface RemoteOptions {
  /** Gives the call up when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** How long a call may take, in ms. Default, and Infinity: as long as it takes. */
  readonly timeout?: number | undefined;
}

interface Connection {
  // Hold the proxy for as long as the connection lives: Comlink drops the pending replies of one that is collected.
  readonly table: Comlink.Remote<RemoteTable>;
  readonly gone: UnitLink["gone"];
}

/** Owns its connections, which keep no event loop alive. */
export class RemoteUnits {
  readonly #directory: Directory;
  readonly #connections = new Map<string, Promise<Connection>>();
  #calls = 0;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  units(): Promise<readonly string[]> {
    return this.#directory.units();
  }

  /** Memory that the units share; see `sharedMemory`. */
  memory(name: string, bytes: number): Promise<SharedArrayBuffer> {
    return this.#directory.memory(name, bytes);
  }

  /** Calls a method of a unit; see `remote`. */
  async call(unit: string, method: string, args: readonly unknown[], options: RemoteOptions): Promise<unknown> {
    try {
      return await this.#call(unit, method, args, options);
    } catch (error) {
      // Those that did not get there: whoever has the other end is not to wait for them.
      closeEnds(args);
      throw error;
    }
  }

  async #call(
    unit: string,
    method: string,
    args: readonly unknown[],
    { signal, timeout }: RemoteOptions,
  ): Promise<unknown> {
    signal?.throwIfAborted();
    const call = ++this.#calls;
    const givenUp = Promise.withResolvers<never>();
    const onLate = (ms: number) => giveUp(new ThreadCallTimeoutError(unit, method, ms), `it took over ${ms} ms`);
    const forgetTime = timeLimit(timeout, onLate);
    let reason: string | undefined;
    const connected = this.#connection(unit);
    const reply = connected.then(({ table }) => {
      if (reason !== undefined) return NOTHING;
      return table.call(call, method, Comlink.transfer([...args], giveEnds(args)));
    });
    const giveUp = (error: unknown, why: string) => {
      reason = why;
      givenUp.reject(error);
      this.#cancel(unit, call, why);
      // A stream that comes too late has to be told that nobody wants it.
      reply.then(discard, () => {
        // It ended because it was cancelled; its caller has the reason.
      });
    };
    const onAbort = () => giveUp(signal?.reason, "its caller gave up");
    signal?.addEventListener("abort", onAbort);
    try {
      const result = await Promise.race([reply, givenUp.promise]);
      return "stream" in result ? openStream(result.stream, (await connected).gone) : result.value;
    } finally {
      forgetTime();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #cancel(unit: string, call: number, reason: string): void {
    const cancelling = this.#connections.get(unit)?.then(({ table }) => table.cancel(call, reason));
    cancelling?.catch(() => {
      // The unit is gone, and the call with it.
    });
  }

  #connection(unit: string): Promise<Connection> {
    const known = this.#connections.get(unit);
    if (known !== undefined) return known;
    const connection = this.#connect(unit);
    this.#connections.set(unit, connection);
    connection.catch(() => this.#connections.delete(unit));
    return connection;
  }

  async #connect(unit: string): Promise<Connection> {
    const { port, gone } = await this.#directory.connect(unit);
    port.once("close", () => this.#connections.delete(unit));
    // Close it here too: a thread that ends while the other port is still on its way to it closes nothing.
    void gone.then(() => port.close());
    const table = Comlink.wrap<RemoteTable>(callingEndpoint(port, () => gone));
    port.unref();
    return { table, gone };
  }
}

const NOTHING: RemoteResult = { value: undefined };

/** A reply that nobody waits for any more: a stream has to be told so. */
function discard(result: RemoteResult): void {
  if ("stream" in result) openReceiver(result.stream).close();
}
