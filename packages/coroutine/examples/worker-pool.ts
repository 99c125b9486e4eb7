// Four workers share a queue of jobs; a slow job times out, a failed one is tried again.
import { Channel, retry, run, scope, sleep, TimeoutError, timeout } from "@plait/coroutine";

const jobs = new Channel<{ name: string; ms: number; failures: number }>(2, { name: "jobs" });

function* work(job: { name: string; ms: number; failures: number }) {
  yield* sleep(job.ms);
  if (job.failures-- > 0) throw new Error(`${job.name} failed`);
  return `${job.name} done`;
}

function* worker() {
  for (let next = yield* jobs.next(); !next.done; next = yield* jobs.next()) {
    const job = next.value;
    try {
      console.log(yield* timeout(1000, () => retry(() => work(job), { base: 1 })));
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      console.log(`${job.name} took too long`);
    }
  }
}

await run(() =>
  scope(function* (s) {
    for (let i = 0; i < 4; i++) s.spawn(worker);
    yield* jobs.send({ name: "quick", ms: 1, failures: 0 });
    yield* jobs.send({ name: "flaky", ms: 2, failures: 2 });
    yield* jobs.send({ name: "slow", ms: 60_000, failures: 0 });
    jobs.close();
  }),
);
