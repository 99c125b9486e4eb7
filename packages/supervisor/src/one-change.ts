// Lets one change through at a time: a reload, scaling, a restart. What comes meanwhile is turned away, not put off.
import { BusyError } from "./errors.ts";

export interface OneChangeOptions {
  /** Called before each change, which waits for it. */
  readonly onBegin: () => Promise<unknown>;
  /** Called after each, but for one that `close` gave up. */
  readonly onEnd: () => void;
}

/** It owns nothing. */
export class OneChange {
  readonly #options: OneChangeOptions;
  #underWay: { readonly what: string; readonly giveUp: AbortController } | undefined;
  /** Why there is no change any more. */
  #closed: string | undefined;

  constructor(options: OneChangeOptions) {
    this.#options = options;
  }

  /**
   * @param what for whoever comes meanwhile: "a reload"
   * @param change gives up when its signal aborts
   * @throws {BusyError} when another change is under way, or there are to be none any more
   */
  async run<T>(what: string, change: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw new BusyError(what, this.#closed);
    if (this.#underWay) throw new BusyError(what, `${this.#underWay.what} is under way`);
    const giveUp = new AbortController();
    this.#underWay = { what, giveUp };
    try {
      await this.#options.onBegin();
      giveUp.signal.throwIfAborted();
      return await change(giveUp.signal);
    } finally {
      this.#underWay = undefined;
      if (this.#closed === undefined) this.#options.onEnd();
    }
  }

  /** Gives up what is under way and lets nothing through from now on. */
  close(why: string): void {
    this.#closed = why;
    this.#underWay?.giveUp.abort(why);
  }
}
