// The main thread's calls to one serving thread: Comlink on a port of its own, which closes when the thread ends.
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Exit } from "@plait/policy";
import * as Comlink from "comlink";
import { callingEndpoint } from "./endpoint.ts";
import { ThreadCallTimeoutError, ThreadExitedError } from "./errors.ts";
import type { ThreadMethods } from "./wire.ts";

/** Owns its port until `close`. */
export class ControlPort {
  /** The thread's end. */
  readonly far: MessagePort;
  readonly #unit: string;
  readonly #near: MessagePort;
  // Hold the proxy for as long as the thread lives, and no longer: Comlink drops the pending replies of one that is
  // collected, and keeps what the proxy's endpoint refers to, which is this, until it is.
  #methods: Comlink.Remote<ThreadMethods> | undefined;
  #exit: Exit | undefined;

  constructor(unit: string) {
    this.#unit = unit;
    const { port1, port2 } = new MessageChannel();
    this.#near = port1;
    this.far = port2;
    this.#methods = Comlink.wrap<ThreadMethods>(
      callingEndpoint(port1, () => new ThreadExitedError(this.#unit, this.#exit)),
    );
    port1.unref();
  }

  /**
   * Calls a method of the thread.
   *
   * @param timeout in ms; undefined waits for as long as the thread lives
   * @throws {ThreadExitedError} when the thread ends first
   * @throws {ThreadCallTimeoutError} when it does not answer in time
   */
  async call<M extends keyof ThreadMethods>(
    method: M,
    args: Parameters<ThreadMethods[M]>,
    timeout?: number,
  ): Promise<Awaited<ReturnType<ThreadMethods[M]>>> {
    if (!this.#methods) throw new ThreadExitedError(this.#unit, this.#exit);
    const remote = this.#methods[method] as unknown as (...args: unknown[]) => Promise<never>;
    if (timeout === undefined) return remote(...args);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new ThreadCallTimeoutError(this.#unit, method, timeout)), timeout);
    try {
      return await Promise.race([remote(...args), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Tells the thread's body something. Resolves when it has taken note, or is gone, or after so many ms: then it takes
   * note as soon as it can.
   *
   * @throws what the body's `tell` throws
   */
  async tell(message: unknown, timeout: number): Promise<void> {
    try {
      await this.call("tell", [message], timeout);
    } catch (error) {
      if (error instanceof ThreadCallTimeoutError || error instanceof ThreadExitedError) return;
      throw error;
    }
  }

  /** Has the thread answer calls of its service's methods on a port, until it or the caller is gone. */
  connect(port: MessagePort): void {
    if (this.#methods) {
      this.#methods.connect(Comlink.transfer(port, [port])).catch(() => {
        // It is gone, and the port with it: the caller is told by the port's end.
      });
    } else {
      port.close();
    }
  }

  /** What is pending rejects. */
  close(): void {
    this.#near.close();
  }

  /** The thread is gone, for this reason. */
  abandon(exit: Exit): void {
    this.#exit = exit;
    this.#methods = undefined;
    this.close();
  }
}
