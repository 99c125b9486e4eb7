// The part every JavaScript contender shares: warm up, measure, print.

/** Runs `count` operations. */
export type Work = (count: number) => Promise<void>;
/** Parks `count` tasks, calls `parked` while they wait, and ends them. */
export type Park = (count: number, parked: () => void) => Promise<void>;

export interface Contender {
  readonly work: Readonly<Record<string, Work>>;
  readonly park: Readonly<Record<string, Park>>;
}

/** Rounds of one process; the best counts, because what disturbs a measurement only ever adds to it. */
const ROUNDS = 5;

export async function measure(contender: Contender): Promise<void> {
  const [scenario = "", count = "0"] = process.argv.slice(2);
  const work = contender.work[scenario];
  const park = contender.park[scenario];
  if (work !== undefined) print(await timeOf(work, Number(count)));
  else if (park !== undefined) print(await memoryOf(park, Number(count)));
  // A contender that has no such thing prints nothing.
}

async function timeOf(work: Work, count: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    await work(count);
    best = Math.min(best, performance.now() - from);
  }
  return (best * 1e6) / count;
}

async function memoryOf(park: Park, count: number): Promise<number> {
  // Once to compile and to grow the runtime's own arrays, which stay.
  await park(count, () => {});
  const before = used();
  let after = before;
  await park(count, () => {
    after = used();
  });
  return (after - before) / count;
}

function used(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function print(value: number): void {
  console.log(JSON.stringify({ value }));
}
