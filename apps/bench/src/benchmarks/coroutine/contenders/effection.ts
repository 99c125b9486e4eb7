// The scenarios in Effection 4. It has no operation that only gives way; the nearest is a promise that is settled.
import { createQueue, type Operation, run, sleep, spawn, suspend, until, withResolvers } from "effection";
import { measure } from "../measure.ts";

const DEPTH = 100;

function* giveWay(times: number): Operation<void> {
  for (let i = 0; i < times; i++) yield* until(Promise.resolve());
}

function* level(depth: number): Operation<void> {
  if (depth > 1) yield* spawn(() => level(depth - 1));
  yield* suspend();
}

await measure({
  work: {
    switch: async (count) => {
      await run(function* () {
        const tasks = [yield* spawn(() => giveWay(count / 2)), yield* spawn(() => giveWay(count / 2))];
        for (const task of tasks) yield* task;
      });
    },
    channel: async (count) => {
      await run(function* () {
        const [there, back] = [createQueue<number, void>(), createQueue<number, void>()];
        yield* spawn(function* () {
          for (let i = 0; i < count; i++) {
            const next = yield* there.next();
            if (!next.done) back.add(next.value);
          }
        });
        for (let i = 0; i < count; i++) {
          there.add(i);
          yield* back.next();
        }
      });
    },
    spawn: async (count) => {
      await run(function* () {
        for (let i = 0; i < count; i++) {
          yield* yield* spawn(function* () {
            return i;
          });
        }
      });
    },
    batch: async (count) => {
      await run(function* () {
        for (let i = 0; i < count / 100; i++) {
          const tasks = [];
          for (let n = 0; n < 100; n++) {
            const task = yield* spawn(function* () {
              return n;
            });
            tasks.push(task);
          }
          for (const task of tasks) yield* task;
        }
      });
    },
    cancel: async (count) => {
      await run(function* () {
        for (let i = 0; i < count / DEPTH; i++) {
          const top = yield* spawn(() => level(DEPTH));
          yield* sleep(0);
          yield* top.halt();
        }
      });
    },
  },
  park: {
    parked: async (count, parked) => {
      await run(function* () {
        const { operation, resolve } = withResolvers<void>();
        for (let i = 0; i < count; i++) {
          yield* spawn(function* () {
            yield* operation;
          });
        }
        yield* sleep(1);
        parked();
        resolve();
      });
    },
    sleeping: async (count, parked) => {
      await run(function* () {
        for (let i = 0; i < count; i++) {
          yield* spawn(function* () {
            yield* sleep(1_000_000);
          });
        }
        yield* sleep(1);
        parked();
      });
    },
  },
});
