// No call to another thread stays pending, whatever ends that thread and whenever.
import { MessageChannel } from "node:worker_threads";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ComputePool } from "../src/offload/compute-pool.ts";
import { setCompute } from "../src/offload/home.ts";
import { offload } from "../src/offload/offload.ts";
import { RelayedCompute, relayCalls } from "../src/offload/relay.ts";
import * as tasks from "./offload/tasks.ts";
import { serving } from "./serving.ts";

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

const started = new Int32Array(new SharedArrayBuffer(4));
const calls: Record<string, (signal: AbortSignal) => PromiseLike<unknown>> = {
  answers: (signal) => offload(tasks.double, [1], { signal }),
  throws: (signal) => offload(tasks.fail, ["sold out"], { signal }),
  spins: (signal) => offload(tasks.spin, [started], { signal }),
  exits: (signal) => offload(tasks.exit, [3], { signal }),
  breaks: (signal) => offload(tasks.throwLater, [], { signal }),
};

test.each([
  ["", false],
  [" over a relay", true],
])("an offloaded call%s settles, answered, cancelled, or its thread or the pool ended", async (_, isRelayed) => {
  const plans = fc.array(
    fc.record({
      kind: fc.constantFrom(...Object.keys(calls)),
      abortAfter: fc.option(fc.nat(300), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 10 },
  );
  await fc.assert(
    fc.asyncProperty(plans, fc.nat(400), async (plan, life) => {
      const pool = new ComputePool({ threads: 2, queue: 4 });
      const { port1: relay, port2: port } = new MessageChannel();
      if (isRelayed) relayCalls(relay, pool);
      setCompute(isRelayed ? new RelayedCompute({ port, load: pool.load.cells }) : pool);
      const outcomes = plan.map(async ({ kind, abortAfter }) => {
        const abort = new AbortController();
        if (abortAfter !== undefined) void turns(abortAfter).then(() => abort.abort());
        return calls[kind]?.(abort.signal).then(
          () => "answered",
          (error: { code?: unknown; name?: unknown }) => error.code ?? error.name,
        );
      });
      await turns(life);
      await pool.destroy();
      for (const outcome of await Promise.all(outcomes)) {
        expect([
          "answered",
          "ERR_STOCK",
          DOMException.ABORT_ERR,
          "ERR_PLAIT_OFFLOAD_LOST",
          "ERR_PLAIT_OFFLOAD_QUEUE_FULL",
        ]).toContain(outcome);
      }
      relay.close();
    }),
    { numRuns: 12, endOnFailure: true },
  );
});

test("a remote call settles, answered or rejected with who died", async () => {
  const { group, until } = await serving({ watchdog: { report: 0, kill: 0 } });
  let incarnation = 1;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(30), { minLength: 1, maxLength: 20 }), fc.nat(60), async (delays, life) => {
      const ready = (event: { type: string }) =>
        event.type === "ready" && "incarnation" in event && event.incarnation === incarnation;
      await until((event) => ready(event) && event.unit === "p1.t1");
      const thread = group.slots[0]?.running;
      const outcomes = delays.map(async (delay) => {
        await turns(delay);
        return thread?.call("drain", [], 60_000).then(
          () => "answered",
          (error: { code: string; unit: string }) => `${error.code} ${error.unit}`,
        );
      });
      await turns(life);
      thread?.kill();
      incarnation++;
      for (const outcome of await Promise.all(outcomes)) {
        expect(["answered", "ERR_PLAIT_THREAD_EXITED p1.t1"]).toContain(outcome);
      }
    }),
    // One more restart than a slot is forgiven would end the group.
    { numRuns: 5, endOnFailure: true },
  );
});
