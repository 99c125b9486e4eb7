// The scenarios in Effect 4.
import { Deferred, Effect, Fiber, Queue } from "effect";
import { measure } from "../measure.ts";

const DEPTH = 100;

const giveWay = (times: number) =>
  Effect.gen(function* () {
    for (let i = 0; i < times; i++) yield* Effect.yieldNow;
  });

const level = (depth: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (depth > 1) yield* Effect.forkChild(level(depth - 1));
    yield* Effect.sleep(1_000_000);
  });

await measure({
  work: {
    switch: (count) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const fibers = [yield* Effect.forkChild(giveWay(count / 2)), yield* Effect.forkChild(giveWay(count / 2))];
          for (const fiber of fibers) yield* Fiber.join(fiber);
        }),
      ),
    channel: (count) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const there = yield* Queue.bounded<number>(1);
          const back = yield* Queue.bounded<number>(1);
          yield* Effect.forkChild(
            Effect.gen(function* () {
              for (let i = 0; i < count; i++) yield* Queue.offer(back, yield* Queue.take(there));
            }),
          );
          for (let i = 0; i < count; i++) {
            yield* Queue.offer(there, i);
            yield* Queue.take(back);
          }
        }),
      ),
    spawn: (count) =>
      Effect.runPromise(
        Effect.gen(function* () {
          for (let i = 0; i < count; i++) yield* Fiber.join(yield* Effect.forkChild(Effect.succeed(i)));
        }),
      ),
    batch: (count) =>
      Effect.runPromise(
        Effect.gen(function* () {
          for (let i = 0; i < count / 100; i++) {
            const fibers = [];
            for (let n = 0; n < 100; n++) fibers.push(yield* Effect.forkChild(Effect.succeed(n)));
            for (const fiber of fibers) yield* Fiber.join(fiber);
          }
        }),
      ),
    cancel: (count) =>
      Effect.runPromise(
        Effect.gen(function* () {
          for (let i = 0; i < count / DEPTH; i++) {
            const top = yield* Effect.forkChild(level(DEPTH));
            for (let n = 0; n <= DEPTH; n++) yield* Effect.yieldNow;
            yield* Fiber.interrupt(top);
          }
        }),
      ),
  },
  park: {
    parked: (count, parked) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const event = yield* Deferred.make<void>();
          const wait = Effect.gen(function* () {
            yield* Deferred.await(event);
          });
          for (let i = 0; i < count; i++) yield* Effect.forkChild(wait);
          yield* Effect.sleep(1);
          parked();
          yield* Deferred.succeed(event, undefined);
        }),
      ),
    sleeping: (count, parked) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const wait = Effect.gen(function* () {
            yield* Effect.sleep(1_000_000);
          });
          const fibers = [];
          for (let i = 0; i < count; i++) fibers.push(yield* Effect.forkChild(wait));
          yield* Effect.sleep(1);
          parked();
          yield* Fiber.interruptAll(fibers);
        }),
      ),
  },
});
