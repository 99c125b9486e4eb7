// A thread's heartbeat: a number in shared memory that its event loop counts up for as long as it turns.

/** What a thread needs to beat. */
export interface Beat {
  readonly count: Int32Array<SharedArrayBuffer>;
  /** Time between two beats, in ms. */
  readonly every: number;
}

export function newBeat(every: number): Beat {
  return { count: new Int32Array(new SharedArrayBuffer(4)), every };
}

/** Beats until the thread ends, and does not keep it alive. */
export function keepBeating({ count, every }: Beat): void {
  setInterval(() => Atomics.add(count, 0, 1), every).unref();
}
