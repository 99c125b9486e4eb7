// How long things take in a process, as counts that its threads write and its main thread reads, however busy they are.
import { spawn } from "@plait/coroutine";
import { type Latencies, type Latency, type LatencyKind, latencyBounds, latencyKinds } from "./latency-kinds.ts";

/** Numbers of one kind: the buckets, the one above, and the sum in µs. */
const PLACES = latencyBounds.length + 2;

/** Counts into shared memory, together with all others that have it. It owns nothing. */
export class LatencyRecorder {
  readonly #numbers: BigInt64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#numbers = new BigInt64Array(memory);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(latencyKinds.length * PLACES * BigInt64Array.BYTES_PER_ELEMENT);
  }

  record(kind: LatencyKind, ms: number): void {
    const first = latencyKinds.indexOf(kind) * PLACES;
    const bucket = latencyBounds.findIndex((bound) => ms <= bound);
    Atomics.add(this.#numbers, first + (bucket < 0 ? latencyBounds.length : bucket), 1n);
    Atomics.add(this.#numbers, first + PLACES - 1, BigInt(Math.max(0, Math.round(ms * 1_000))));
  }

  read(): Latencies {
    const [accept, scheduling, loop] = latencyKinds.map((_, kind): Latency => {
      const numbers = Array.from({ length: PLACES }, (_, place) =>
        Number(Atomics.load(this.#numbers, kind * PLACES + place)),
      );
      return { buckets: numbers.slice(0, -1), sumMs: (numbers.at(-1) ?? 0) / 1_000 };
    }) as [Latency, Latency, Latency];
    return { accept, scheduling, loop };
  }
}

/** A clock that all threads of a process share, in ms: `performance.now()` starts anew in each of them. */
export function processClock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Time between two samples, in ms. */
const EVERY = 100;

/**
 * Samples the delays of this thread, ten times a second: a timer starts a coroutine that ends at once.
 *
 * @returns what ends it
 */
export function sampleDelays(recorder: LatencyRecorder): () => void {
  let timer: NodeJS.Timeout;
  const arm = () => {
    const due = processClock() + EVERY;
    timer = setTimeout(() => {
      recorder.record("loop", processClock() - due);
      spawn(function* () {
        recorder.record("scheduling", processClock() - due);
      });
      arm();
    }, EVERY).unref();
  };
  arm();
  return () => clearTimeout(timer);
}
