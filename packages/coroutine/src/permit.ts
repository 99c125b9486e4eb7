// What holding a semaphore or a mutex looks like: something to dispose of, once.

/** Given back by `using`, by `[Symbol.dispose]()`, or by the wait it was taken for coming to nothing. */
export class Permit implements Disposable {
  #giveBack: (() => void) | undefined;

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  /** Gives it back; repeating it changes nothing. */
  [Symbol.dispose](): void {
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    giveBack?.();
  }
}
